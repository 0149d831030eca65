"""The files of a tree: read, rewritten in place, generated, and what is remembered of them."""
