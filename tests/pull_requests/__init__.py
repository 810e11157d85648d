"""What stands in workflows, run as it stands there, with stand-ins for the programs that need the outside."""
