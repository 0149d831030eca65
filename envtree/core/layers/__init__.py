"""Which file is which layer, its entries, and what they resolve to, with provenance."""
