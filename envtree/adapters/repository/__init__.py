"""A git repository, read as data: no command is used that runs what the repository's own configuration names."""
