"""What the terminal client does."""
