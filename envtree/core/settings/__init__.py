"""envtree.yaml and service.yaml, read to a project."""
