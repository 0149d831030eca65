"""One command of a machine a file."""
