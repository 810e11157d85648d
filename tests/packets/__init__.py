"""Real packets against the synthesized rules: hosts in network namespaces of their own, and what arrives."""
