"""What runs on a machine: which processes, in which order, and what is said of them. No YAML, no schemas, no git."""

RUNTIME = "/run/envtree"
"""The runtime folder, where no other is named."""
RUNTIME_VARIABLE = "ENVTREE_RUN"
"""Names another."""
