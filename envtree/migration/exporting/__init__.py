"""The way back: what the tree gives the processes of a service, as the config vars of one app."""
