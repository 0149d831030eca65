"""Commands that write files which are made from a tree: for editors, and for programs."""
