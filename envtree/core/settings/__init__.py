"""envtree.yaml and service.yaml, read into a project."""
