"""Reviews of a tree: why a value is what it is, what a change does, since when, and what could be removed."""
