"""A real engine applies what is synthesized, to a stand-in for the AWS provider over an imitation of EC2."""
