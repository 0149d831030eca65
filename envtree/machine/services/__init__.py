"""The processes of a machine: their specification, the plan of a boot, their status, and how it is shown."""
