"""What people read; a file for each format."""
