"""The history of what one process gets, commit by commit."""
