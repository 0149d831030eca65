"""Where a machine has the output and the runtime folder, unless others are named."""

RUNTIME = "/run/envtree"
"""The runtime folder, where no other is named."""
RUNTIME_VARIABLE = "ENVTREE_RUN"
"""The environment variable that names another runtime folder."""
OUT = "/etc/envtree"
"""The output folder of a machine, where no other is named."""
