"""Apps imported as the fewest entries of a tree, proved by compiling them back."""
