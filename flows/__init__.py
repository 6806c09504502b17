"""What a user starts: wiring only."""
