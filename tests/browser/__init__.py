"""The page in a real browser, as whoever looks at it has it."""
