"""The commands of a machine, one in each file."""
