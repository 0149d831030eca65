"""The machines of a fleet: found by their tags, and shown by what they run."""
