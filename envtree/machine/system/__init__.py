"""The processes of a machine, runsv, and the runtime folder."""
