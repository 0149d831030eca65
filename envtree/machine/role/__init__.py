"""Which targets a machine is for, by its tags."""
