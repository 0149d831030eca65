"""A git repository, read as data."""
