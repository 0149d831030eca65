"""Instances by the role that their tags name."""
