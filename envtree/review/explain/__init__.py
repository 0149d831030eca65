"""The explanation of one variable of one process, layer by layer, as text and as JSON."""
