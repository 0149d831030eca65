"""What one process got, commit by commit."""
