"""The tags of an EC2 instance."""
