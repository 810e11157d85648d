"""The README's larger infrastructure: its Python runs, block after block, and comes to what the text says."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.cdk.synthesis import Document, synthesize_code
from tests.conftest import ROOT

_SECTION = (ROOT / "README.md").read_text("utf-8").partition("\n## Larger infrastructure\n")[2].partition("\n## ")[0]


def _python(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


BLOCKS = _python(_SECTION)
KNOWN = {
    "vpc": SimpleNamespace(id="vpc-0123456789abcdef0"),
    "edge_vpc": SimpleNamespace(id="vpc-0fedcba9876543210"),
    "ssh": SimpleNamespace(id="sg-0123456789abcdef0"),
}
_ACKNOWLEDGED = "prod.acknowledge("


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """What all blocks together synthesize."""
    return synthesize_code("\n".join(BLOCKS), tmp_path_factory.mktemp("app"), KNOWN)


def test_there_is_a_block_for_each_thing() -> None:
    words = ("RancherServer(", "Connection.", "allow_from(", "NodePool(", _ACKNOWLEDGED)
    assert len(BLOCKS) == len(words)
    assert all(word in block for word, block in zip(words, BLOCKS, strict=True))


def test_one_rule_lets_the_nodes_of_both_clusters_in(document: Document) -> None:
    rules = document["resource"]["aws_vpc_security_group_ingress_rule"]
    to_server = {name for name, rule in rules.items() if rule["security_group_id"].endswith(".central_rancher.id}")}
    roles = ("etcd", "controlplane", "worker")
    assert to_server == {
        "central_rancher_from_office_tcp_443",
        "agents_rancher_from_agents_tcp_443",
        # Its nodes are in another VPC, and in no agents group.
        *(f"edge_rancher_from_{role}_tcp_443" for role in roles),
    }


def test_over_the_transit_gateway_egress_names_the_server_s_addresses(document: Document) -> None:
    rules = document["resource"]["aws_vpc_security_group_egress_rule"]
    assert rules["edge_worker_to_central-nodes_tcp_443"]["cidr_ipv4"] == "10.0.0.0/20"
    assert "edge_worker_to_rancher_tcp_443" not in rules


def test_one_group_carries_the_cloud_controller_s_tag(document: Document) -> None:
    groups = document["resource"]["aws_security_group"]
    assert [name for name, group in groups.items() if "kubernetes.io/cluster/prod" in group["tags"]] == ["prod_nodes"]


def test_own_rules_are_written_with_their_reason(document: Document) -> None:
    resources = document["resource"]
    own = {
        "aws_vpc_security_group_ingress_rule": {
            "prod_worker_from_controlplane_tcp_9100": "Node metrics",
            "prod_worker_from_test-worker_tcp_8443": "Acceptance tests",
            "prod_etcd_from_backup-host_tcp_2379": "etcd snapshots",
        },
        "aws_vpc_security_group_egress_rule": {
            "prod_controlplane_to_worker_tcp_9100": "Node metrics",
            "test_worker_to_prod-worker_tcp_8443": "Acceptance tests",
        },
    }
    for type_, rules in own.items():
        assert {name: resources[type_][name]["description"] for name in rules} == rules


def test_a_node_has_the_groups_of_its_pool(document: Document) -> None:
    names = ["agents_agents", "prod_nodes", "prod_etcd", "prod_controlplane"]
    groups = [f"${{aws_security_group.{name}.id}}" for name in names]
    assert document["resource"]["aws_instance"]["prod_node"]["vpc_security_group_ids"] == [*groups, KNOWN["ssh"].id]


def test_without_the_acknowledgement_nothing_is_synthesized(tmp_path: Path) -> None:
    lines = "\n".join(BLOCKS).splitlines()
    code = "\n".join(line for line in lines if not line.startswith(_ACKNOWLEDGED))
    with pytest.raises(Exception, match="etcd-exposed: prod/etcd lets in backup-host"):
        synthesize_code(code, tmp_path, KNOWN)
    # docs/findings.md says so.
    assert not list(tmp_path.rglob("cdk.tf.json"))


# The pages on clusters and findings: each block by itself, with a server and a cluster that the text speaks of.
_BEFORE = """from rancher_ports.cdk import RancherCluster, RancherServer
server = RancherServer(stack, "rancher", vpc_id=vpc.id)
cluster = RancherCluster(stack, "any", server=server)
"""
PAGES = {
    f"{page}-{number}": block
    for page in ("clusters", "findings")
    for number, block in enumerate(_python((ROOT / "docs" / f"{page}.md").read_text("utf-8")), 1)
}


@pytest.mark.parametrize("block", PAGES)
def test_the_python_of_the_pages_runs(block: str, tmp_path: Path) -> None:
    known = {
        "vpc": SimpleNamespace(id="vpc-0123456789abcdef0"),
        "prod_vpc": SimpleNamespace(id="vpc-0fedcba9876543210"),
        "far_vpc": SimpleNamespace(id="vpc-0fedcba9876543211"),
        "far_list": SimpleNamespace(id="pl-0123456789abcdef0"),
    }
    providers = """in_servers_account = AwsProvider(stack, "servers", alias="servers", region="us-east-1")\n"""
    synthesize_code(providers + _BEFORE + _imports(PAGES) + PAGES[block], tmp_path, known)


def _imports(blocks: dict[str, str]) -> str:
    """What the first block of a page imports, and the next ones take for granted."""
    return "".join(f"{line}\n" for block in blocks.values() for line in re.findall("^from .*$", block, re.MULTILINE))
