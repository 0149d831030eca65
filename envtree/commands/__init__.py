"""The commands of the compiler, one in each file."""
