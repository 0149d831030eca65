"""One process's variables for another reader: table, dotenv, systemd, docker, Kubernetes, shell, exec."""
