"""Which CDK is installed: CDKTF, or CDK Terrain, its continuation under other package names."""

from importlib.util import find_spec

CDK = "cdktf" if find_spec("cdktf") else "cdktn"
PROVIDER = {"cdktf": "cdktf-cdktf-provider-aws", "cdktn": "cdktn-provider-aws"}[CDK]
