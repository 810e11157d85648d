"""What is open, compared and explained, in the language of roles and ports."""
