"""What a mark beside a field's type demands of the lines that set the variable."""
