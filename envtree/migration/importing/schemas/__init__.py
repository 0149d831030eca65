"""The schemas of an import: written, and grown with the tree."""
