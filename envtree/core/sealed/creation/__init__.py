"""The creation rules of `.sops.yaml`: for whom a new sealed file is encrypted."""
