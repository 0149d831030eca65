"""A machine: its processes (proc(5)), the folder that runsvdir watches, and runsv behind each service folder."""
