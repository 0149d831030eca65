"""Promises about the tree: what a schema says of a variable's values in several places, and the proof of it."""
