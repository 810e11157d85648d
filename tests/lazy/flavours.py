"""Which flavour of the CDK is installed here: the packages' names in it."""

from __future__ import annotations

from importlib.util import find_spec

CDK = "cdktf" if find_spec("cdktf") else "cdktn"
_PREFIX = {"cdktf": "cdktf_cdktf_provider", "cdktn": "cdktn_provider"}[CDK]
AWS, RANDOM = f"{_PREFIX}_aws", f"{_PREFIX}_random"
# By the names of the Node packages.
SCOPE = f"@{CDK}"
