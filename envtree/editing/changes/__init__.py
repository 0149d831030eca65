"""Edits as values: what is asked for, where it goes, the new bytes of files, and how all that is shown."""
