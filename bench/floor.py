"""An empty app, as the CDK's template begins."""

from bench.cdk import App, LocalBackend, TerraformStack


def main() -> None:
    """Synthesize a stack with nothing in it."""
    app = App(stack_traces=False)
    stack = TerraformStack(app, "floor")
    LocalBackend(stack, path="../../../terraform.floor.tfstate")
    app.synth()


if __name__ == "__main__":
    main()
