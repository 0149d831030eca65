"""Entries that are redundant, repeated or dangerous."""
