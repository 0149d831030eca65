"""The tags of the machine: from the instance metadata service, and from what `aws ec2 describe-tags` printed."""
