"""Who wrote an entry, and who took one away."""
