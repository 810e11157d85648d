"""Checks of a deployment that give findings; a file for each check."""
