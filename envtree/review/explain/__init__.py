"""One variable of one process, layer by layer, in words and as JSON."""
