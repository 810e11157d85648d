"""What synthesizing costs: whole processes, measured side by side in one run."""
