"""What this room does when another one has news."""
