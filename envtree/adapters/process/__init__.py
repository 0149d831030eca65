"""Processes: the environment of a running one, and the one that this process becomes."""
