"""YAML text with places: read, written, changed in place."""
