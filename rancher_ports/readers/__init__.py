"""Rule sets read back from what other tools hold; a file for each source."""
