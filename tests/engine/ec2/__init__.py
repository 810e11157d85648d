"""An imitation of EC2 as far as security groups go: strict, in memory, spoken to over HTTP."""
