"""Apps to the fewest entries of a tree, proved by compiling them back."""
