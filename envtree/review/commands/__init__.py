"""One command of the review a file: read, compute, return a value."""
