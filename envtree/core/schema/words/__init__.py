"""What is said of a value that a schema refuses: never the value."""
