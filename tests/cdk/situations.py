"""The situations of users whose whole output is golden: settings by name."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import ROOT
from tests.documented import SLOTS
from tests.unit.test_settings import EXAMPLE

SHIPPED = json.loads((ROOT / "cdktf.json").read_text("utf-8"))["context"]["rancher_ports"]

EVERYTHING = {
    "prefix": "prod",
    "group_name_prefix": "Prod EU",
    "region": "eu-central-1",
    "vpc_id": "vpc-0123456789abcdef0",
    "cni": "flannel",
    "features": ["image-pulls"],
    "one_sided": "documented",
    "egress": "all",
    "peers": {"office": {"cidr": "203.0.113.0/24"}, "alb": {"security_group_id": "123456789012/sg-01234567"}},
    "slots": {
        "load_balancer": ["alb"],
        "ui_api_clients": ["office"],
        "git_rancher_io": ["git-rancher-io-2", "office"],
        "registries": ["office"],
        "nodeport_clients": ["office", "alb"],
    },
    "tags": {"team": "platform"},
    "backend": {"s3": {"bucket": "states", "key": "rancher", "region": "eu-central-1", "use_lockfile": True}},
    "prevent_destroy": True,
    "revoke_rules_on_delete": True,
}

# One office, with both address families, is everybody outside the cluster. Real packets are sent against this one
# (tests/packets), so its blocks hold none of that network's nodes.
ONE_OFFICE = {
    "region": "us-east-1",
    "peers": {"office": {"cidr": "192.0.2.192/26"}, "office-v6": {"cidr": "2001:db8::f:0/112"}},
    "slots": {slot: ["office", "office-v6"] for slot in (*SLOTS.values(), "git_rancher_io")},
}

SITUATIONS: dict[str, dict[str, Any]] = {
    "shipped-settings": SHIPPED,
    "office-load-balancer-and-mirrors": EXAMPLE,
    "everything-set": EVERYTHING,
    "one-office-in-every-slot": ONE_OFFICE,
}
