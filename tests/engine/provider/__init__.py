"""A stand-in for the AWS provider: speaks the plugin protocol with an engine and EC2's API with the imitation."""
