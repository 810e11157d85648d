"""Applies that are broken off or disturbed, and what it takes to converge afterwards."""
