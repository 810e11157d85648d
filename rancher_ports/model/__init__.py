"""Values and pure functions: ports, peers, tables, templates, rule sets, access, addresses."""
