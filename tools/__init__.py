"""What the Makefile needs."""
