"""Processes: reads the environment of a running one, and replaces this process by a program."""
