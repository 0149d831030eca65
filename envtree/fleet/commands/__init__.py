"""What a verb asks of the fleet: read, group, return a value."""
