"""The processes of a machine: what is planned, how each one is, how it is shown."""
