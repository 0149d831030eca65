"""Edits of a tree: which bytes of which files change, what each process then gets, and whether it stays valid."""
