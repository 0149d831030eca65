"""What an instance runs: boot, status, restart, down."""
