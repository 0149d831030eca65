"""YAML text: read with line and column, written, and changed in place."""
