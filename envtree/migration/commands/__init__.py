"""One command of the migration a file: read, compute, return a value."""
