"""Tests. tests/unit needs no CDK; tests/cdk builds constructs; tests/app starts the app as users do."""
