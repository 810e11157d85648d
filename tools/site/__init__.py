"""The scan of what is synthesized."""
