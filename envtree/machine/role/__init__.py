"""The role of a machine: the targets that it runs, by its tags."""
