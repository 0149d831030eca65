"""What runs on a machine: which processes, in which order, and what is said of them. No YAML, no schemas, no git."""
