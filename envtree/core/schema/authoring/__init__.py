"""What the authors of schemas write: what is wrong with it, whatever the values are, and what it raises."""
