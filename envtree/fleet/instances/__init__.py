"""Instances as EC2 describes them, asked for or read from an answer."""
