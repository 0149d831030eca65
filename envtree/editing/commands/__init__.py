"""One command a file: opens a scope, computes an edit, compiles the tree as it will be, and writes."""
