"""Settings that are refused, each with what is said of it; for the reader and for the app."""

from __future__ import annotations

from typing import Any

_HERE = "context.rancher_ports"
_NAME = "a name of lower-case letters, digits and hyphens that begins with a letter, at most 63 long"
_SETTINGS = (
    "a setting, one of prefix, group_name_prefix, moved_from, region, vpc_id, distribution, cni, features, one_sided, "
    "egress, migrating_from, peers, slots, groups, adopted, kubernetes_cluster, quotas, tags, backend, "
    "prevent_destroy, "
    "revoke_rules_on_delete"
)
_SLOTS = (
    "a slot, one of load_balancer, hosted_kubernetes, ui_api_clients, node_driver_nodes, git_rancher_io, "
    "hosted_kubernetes_api, ingress_clients, nodeport_clients, registries, ssh_clients, kubernetes_api_clients, "
    "os_package_mirrors, install_script_hosts, version_metadata, aws_api, vpc_endpoints, dns_resolvers, ntp_servers, "
    "local_api_servers"
)
_DISTRIBUTIONS = "one of k3s, rke1, rke2"
_FEATURES = (
    "one of image-pulls, external-load-balancer, metrics-server, monitoring, ingress-webhook, node-driver, ssh-admin, "
    "authorized-cluster-endpoint, os-packages, install-scripts, version-metadata, aws-api, vpc-endpoints, custom-dns, "
    "custom-ntp, vpc-native-pods, windows"
)
_KINDS = "cidr, prefix_list_id, security_group_id"
_CIDR = 'a CIDR block such as "203.0.113.0/24" or "2001:db8::/48"'
_FORMER = "a former name, or a list of them, newest first"
_NOT_NOW = "a former name, not the one that it has now"
_ROLE_GROUP = 'a security group id such as "sg-0123456789abcdef0"'
_GROUP = 'a security group id such as "sg-0123456789abcdef0" or "123456789012/sg-0123456789abcdef0"'
_LIST = 'a prefix list id such as "pl-0123456789abcdef0"'
_VPC = 'a VPC id such as "vpc-0123456789abcdef0"'
_REGION = 'an AWS region such as "us-east-1"'
_LITERAL = "a value without ${ or %{, which Terraform reads as an expression"
_BACKEND = 'one backend by its name, such as {"local": {"path": "..."}}'
_RESERVED = (
    "a name that is not reserved "
    "(rancher, etcd, controlplane, worker, anywhere-ipv4, anywhere-ipv6, agents, nodes, peers are)"
)
_DEFAULTS = "git-rancher-io-1, git-rancher-io-2, git-rancher-io-3"


def _peer(**peer: Any) -> dict[str, Any]:
    return {"peers": {"office": peer}}


def _group(**group: Any) -> dict[str, Any]:
    return {"groups": {"etcd": group}}


def _cidr(name: str) -> dict[str, Any]:
    return {"peers": {name: {"cidr": "10.0.0.0/8"}}}


def _nested(depth: int) -> Any:
    return {"a": _nested(depth - 1)} if depth else 1


BAD_SETTINGS: dict[str, tuple[Any, str]] = {
    "migrating from no mapping": (
        {"migrating_from": "rke1"},
        f'{_HERE}.migrating_from: "rke1": expected a mapping',
    ),
    "migrating from an unknown distribution": (
        {"migrating_from": {"distribution": "rke"}},
        f'{_HERE}.migrating_from.distribution: "rke": expected {_DISTRIBUTIONS}; did you mean "rke2"?',
    ),
    "migrating with an unknown key": (
        {"migrating_from": {"distribution": "k3s", "cni": "flannel", "network": "flannel"}},
        f'{_HERE}.migrating_from: "network": expected a key, one of distribution, cni, features',
    ),
    "migrating from an unknown network": (
        {"migrating_from": {"distribution": "k3s", "cni": "flanel"}},
        f'{_HERE}.migrating_from.cni: "flanel": expected one of flannel, flannel-wireguard, '
        'flannel-wireguard-dual-stack; did you mean "flannel"?',
    ),
    "migrating from features that are none": (
        {"migrating_from": {"distribution": "k3s", "cni": "flannel", "features": ["windows"]}},
        f'{_HERE}.migrating_from.features[0]: "windows": expected one of embedded-registry, '
        f"{_FEATURES.removeprefix('one of ').removesuffix(', windows')}",
    ),
    "migrating from itself": (
        {"migrating_from": {"cni": "canal"}},
        f'{_HERE}.migrating_from: "rke1 with canal": expected something else than what nodes migrate to',
    ),
    "migrating from nothing": (
        {"migrating_from": {}},
        f"{_HERE}.migrating_from.cni: nothing: expected the container network that the nodes have, one of canal, "
        "flannel, calico, weave",
    ),
    "no mapping": ([], f"{_HERE}: []: expected a mapping"),
    "unknown key": ({"perfix": "a"}, f'{_HERE}: "perfix": expected {_SETTINGS}; did you mean "prefix"?'),
    "unknown key, nothing near": ({"x": 1}, f'{_HERE}: "x": expected {_SETTINGS}'),
    "unknown slot": (
        {"slots": {"load_balancr": []}},
        f'{_HERE}.slots: "load_balancr": expected {_SLOTS}; did you mean "load_balancer"?',
    ),
    "role as a slot": ({"slots": {"etcd": []}}, f'{_HERE}.slots: "etcd": expected {_SLOTS}'),
    "slots of the wrong type": ({"slots": []}, f"{_HERE}.slots: []: expected a mapping"),
    "slot of the wrong type": (
        {"slots": {"load_balancer": "office"}},
        f'{_HERE}.slots.load_balancer: "office": expected a list of names of peers',
    ),
    "slot with a number": (
        {"slots": {"load_balancer": [3]}},
        f"{_HERE}.slots.load_balancer[0]: 3: expected a text that is not empty",
    ),
    "slot with a peer twice": (
        {**_cidr("office"), "slots": {"load_balancer": ["office", "office"]}},
        f'{_HERE}.slots.load_balancer[1]: "office": expected each name once',
    ),
    "unknown peer": (
        {**_cidr("office"), "slots": {"load_balancer": ["ofice"]}},
        f'{_HERE}.slots.load_balancer[0]: "ofice": expected a peer, one of office, {_DEFAULTS}; did you mean "office"?',
    ),
    "role as a peer in a slot": (
        {"slots": {"load_balancer": ["etcd"]}},
        f'{_HERE}.slots.load_balancer[0]: "etcd": expected a peer, one of {_DEFAULTS}',
    ),
    "unknown distribution": (
        {"distribution": "rke"},
        f'{_HERE}.distribution: "rke": expected {_DISTRIBUTIONS}; did you mean "rke2"?',
    ),
    "distribution of the wrong type": (
        {"distribution": ["rke1"]},
        f'{_HERE}.distribution: ["rke1"]: expected {_DISTRIBUTIONS}',
    ),
    "unknown feature": (
        {"features": ["image-pull"]},
        f'{_HERE}.features[0]: "image-pull": expected {_FEATURES}; did you mean "image-pulls"?',
    ),
    "features of the wrong type": (
        {"features": "image-pulls"},
        f'{_HERE}.features: "image-pulls": expected a list of names of features',
    ),
    "features null": ({"features": None}, f"{_HERE}.features: null: expected a list of names of features"),
    "unknown cni": (
        {"cni": "cannal"},
        f'{_HERE}.cni: "cannal": expected one of canal, flannel, calico, weave; did you mean "canal"?',
    ),
    "unknown one_sided": (
        {"one_sided": "complete"},
        f'{_HERE}.one_sided: "complete": expected one of documented, completed; did you mean "completed"?',
    ),
    "unknown egress": ({"egress": "none"}, f'{_HERE}.egress: "none": expected one of documented, all'),
    "egress null": ({"egress": None}, f"{_HERE}.egress: null: expected one of documented, all"),
    "no region": ({"region": None}, f"{_HERE}.region: null: expected {_REGION}"),
    "region misspelt": ({"region": "us_east_1"}, f'{_HERE}.region: "us_east_1": expected {_REGION}'),
    "prefix empty": ({"prefix": ""}, f'{_HERE}.prefix: "": expected {_NAME}'),
    "prefix with underscore": ({"prefix": "my_prod"}, f'{_HERE}.prefix: "my_prod": expected {_NAME}'),
    "prefix null": ({"prefix": None}, f"{_HERE}.prefix: null: expected {_NAME}"),
    "prefix too long": ({"prefix": "p" * 64}, f'{_HERE}.prefix: "{"p" * 64}": expected {_NAME}'),
    "prefix like an id": (
        {"prefix": "sg-prod"},
        f'{_HERE}.prefix: "sg-prod": expected at most 215 characters of a-zA-Z0-9 ._-:/()#,@[]+=&;{{}}!$*, '
        "not a space first, and not beginning with sg-",
    ),
    "group name like an id": (
        {"group_name_prefix": "sg-prod"},
        f'{_HERE}.group_name_prefix: "sg-prod": expected at most 215 characters of a-zA-Z0-9 ._-:/()#,@[]+=&;{{}}!$*, '
        "not a space first, and not beginning with sg-",
    ),
    "group name with an expression": (
        {"group_name_prefix": "a${b}"},
        f'{_HERE}.group_name_prefix: "a${{b}}": expected {_LITERAL}',
    ),
    "VPC id of the wrong form": ({"vpc_id": "vpc-1"}, f'{_HERE}.vpc_id: "vpc-1": expected {_VPC}'),
    "VPC id empty": ({"vpc_id": ""}, f'{_HERE}.vpc_id: "": expected {_VPC}'),
    "VPC id with an expression": ({"vpc_id": "${a.b}"}, f'{_HERE}.vpc_id: "${{a.b}}": expected {_LITERAL}'),
    "peers of the wrong type": ({"peers": ["office"]}, f'{_HERE}.peers: ["office"]: expected a mapping'),
    "peer of the wrong type": (
        {"peers": {"office": "10.0.0.0/8"}},
        f'{_HERE}.peers.office: "10.0.0.0/8": expected a mapping',
    ),
    "peer of no kind": (_peer(), f'{_HERE}.peers.office: "nothing": expected exactly one of {_KINDS}'),
    "peer of two kinds": (
        _peer(cidr="10.0.0.0/8", prefix_list_id="pl-01234567"),
        f'{_HERE}.peers.office: "cidr and prefix_list_id": expected exactly one of {_KINDS}',
    ),
    "peer of an unknown kind": (
        _peer(cdir="10.0.0.0/8"),
        f'{_HERE}.peers.office: "cdir": expected a key, one of {_KINDS}, moved_from, max_entries; did you mean "cidr"?',
    ),
    "CIDR with host bits": (
        _peer(cidr="10.0.0.1/8"),
        f'{_HERE}.peers.office.cidr: "10.0.0.1/8": expected a block without host bits: 10.0.0.0/8 for the network, '
        "10.0.0.1/32 for the one address",
    ),
    "CIDR without a length": (
        _peer(cidr="203.0.113.7"),
        f'{_HERE}.peers.office.cidr: "203.0.113.7": expected a prefix length as well: '
        "203.0.113.7/32 for this one address",
    ),
    "CIDR too long": (_peer(cidr="10.0.0.0/33"), f'{_HERE}.peers.office.cidr: "10.0.0.0/33": expected {_CIDR}'),
    "CIDR that is none": (_peer(cidr="the office"), f'{_HERE}.peers.office.cidr: "the office": expected {_CIDR}'),
    "CIDR of a mapping": (_peer(cidr={"a": 1}), f'{_HERE}.peers.office.cidr: {{"a": 1}}: expected {_CIDR}'),
    "CIDR with a directive": (_peer(cidr="%{a}"), f'{_HERE}.peers.office.cidr: "%{{a}}": expected {_LITERAL}'),
    "CIDR of IPv4 in disguise": (
        _peer(cidr="::ffff:10.0.0.0/104"),
        f'{_HERE}.peers.office.cidr: "::ffff:10.0.0.0/104": expected an IPv4 block, or an IPv6 block that is not IPv4 '
        "in disguise (::ffff:...)",
    ),
    "CIDR of the wrong type": (
        _peer(cidr=["10.0.0.0/8"]),
        f'{_HERE}.peers.office.cidr: ["10.0.0.0/8"]: expected {_CIDR}',
    ),
    "CIDR with an expression": (_peer(cidr="${a.b}"), f'{_HERE}.peers.office.cidr: "${{a.b}}": expected {_LITERAL}'),
    "group id of the wrong form": (
        _peer(security_group_id="sg-xyz"),
        f'{_HERE}.peers.office.security_group_id: "sg-xyz": expected {_GROUP}',
    ),
    "group id with an expression": (
        _peer(security_group_id="${a.b}"),
        f'{_HERE}.peers.office.security_group_id: "${{a.b}}": expected {_LITERAL}',
    ),
    "prefix list id of the wrong form": (
        _peer(prefix_list_id="pl-1"),
        f'{_HERE}.peers.office.prefix_list_id: "pl-1": expected {_LIST}',
    ),
    "prefix list of no entries": (
        _peer(prefix_list_id="pl-01234567", max_entries=0),
        f"{_HERE}.peers.office.max_entries: 0: expected a whole number of 1 to 1000",
    ),
    "a block of several entries": (
        _peer(cidr="10.0.0.0/8", max_entries=2),
        f"{_HERE}.peers.office.max_entries: 2: expected nothing: ipv4 is one entry",
    ),
    "cluster's name with a space": (
        {"kubernetes_cluster": "a b"},
        f'{_HERE}.kubernetes_cluster: "a b": expected a cluster\'s name of 1 to 105 letters, digits and ._:/=+-@',
    ),
    "quota of nothing": (
        {"quotas": {"rules_per_group": 0}},
        f"{_HERE}.quotas.rules_per_group: 0: expected a whole number of 1 to 1000",
    ),
    "quotas that multiply to more than AWS allows": (
        {"quotas": {"rules_per_group": 100, "groups_per_interface": 16}},
        f'{_HERE}.quotas.rules_per_group: "100 x 16": expected at most 1000 rules for an interface: '
        "at most 62 for a group here",
    ),
    "quota by another name": (
        {"quotas": {"rules": 60}},
        f'{_HERE}.quotas: "rules": expected a key, one of rules_per_group, groups_per_interface',
    ),
    "peer name empty": (_cidr(""), f'{_HERE}.peers: "": expected {_NAME}'),
    "peer name reserved": (_cidr("etcd"), f'{_HERE}.peers: "etcd": expected {_RESERVED}'),
    "peer name reserved for a key": (_cidr("peers"), f'{_HERE}.peers: "peers": expected {_RESERVED}'),
    "peer name like another cluster's role": (
        _cidr("prod-worker"),
        f'{_HERE}.peers: "prod-worker": expected a name that does not end like another cluster\'s role '
        "(-rancher, -etcd, -controlplane, -worker)",
    ),
    "peer name outside the grammar": (_cidr("Office"), f'{_HERE}.peers: "Office": expected {_NAME}'),
    "peer name of a default peer": (
        _cidr("git-rancher-io-1"),
        f'{_HERE}.peers: "git-rancher-io-1": expected a name other than a default peer\'s (one of {_DEFAULTS})',
    ),
    "two names with one value": (
        {"peers": {"office": {"cidr": "10.0.0.0/8"}, "hq": {"cidr": "10.0.0.0/8"}}},
        f'{_HERE}.peers.hq: "10.0.0.0/8": expected one name for one value (office has it already)',
    ),
    "two names with one value, spelt differently": (
        {"peers": {"office": {"cidr": "2001:db8::/48"}, "hq": {"cidr": "2001:DB8:0::/48"}}},
        f'{_HERE}.peers.hq: "2001:db8::/48": expected one name for one value (office has it already)',
    ),
    "two names with one value, both in use": (
        {
            "peers": {"office": {"cidr": "10.0.0.0/8"}, "hq": {"cidr": "10.0.0.0/8"}},
            "slots": {"ui_api_clients": ["office", "hq"]},
        },
        f'{_HERE}.peers.hq: "10.0.0.0/8": expected one name for one value (office has it already)',
    ),
    "former prefix outside the grammar": (
        {"moved_from": "my_prod"},
        f'{_HERE}.moved_from: "my_prod": expected {_NAME}',
    ),
    "former prefix that is the one of now": (
        {"moved_from": "rancher"},
        f'{_HERE}.moved_from: "rancher": expected {_NOT_NOW}',
    ),
    "former prefix twice": (
        {"moved_from": ["a", "b", "a"]},
        f'{_HERE}.moved_from[2]: "a": expected each name once',
    ),
    "former prefix of the wrong type": (
        {"moved_from": {"a": "b"}},
        f'{_HERE}.moved_from: {{"a": "b"}}: expected {_FORMER}',
    ),
    "former prefix null": ({"moved_from": None}, f"{_HERE}.moved_from: null: expected {_FORMER}"),
    "former prefix of a number": ({"moved_from": [7]}, f"{_HERE}.moved_from[0]: 7: expected {_NAME}"),
    "former name of a peer outside the grammar": (
        _peer(cidr="10.0.0.0/8", moved_from=["bureau", "Büro"]),
        f'{_HERE}.peers.office.moved_from[1]: "B\\u00fcro": expected {_NAME}',
    ),
    "former name of a peer reserved": (
        _peer(cidr="10.0.0.0/8", moved_from="worker"),
        f'{_HERE}.peers.office.moved_from: "worker": expected {_RESERVED}',
    ),
    "former name of a peer that is the one of now": (
        _peer(cidr="10.0.0.0/8", moved_from="office"),
        f'{_HERE}.peers.office.moved_from: "office": expected {_NOT_NOW}',
    ),
    "former name that another peer has now": (
        {"peers": {"hq": {"cidr": "10.0.0.0/8", "moved_from": "lab"}, "lab": {"cidr": "10.1.0.0/16"}}},
        f'{_HERE}.peers.hq.moved_from: "lab": expected a name that no peer has now',
    ),
    "former name that a default peer in use has": (
        _peer(cidr="10.0.0.0/8", moved_from="git-rancher-io-1"),
        f'{_HERE}.peers.office.moved_from: "git-rancher-io-1": expected a name that no peer has now',
    ),
    "former name of two peers": (
        {
            "peers": {
                "hq": {"cidr": "10.0.0.0/8", "moved_from": "office"},
                "lab": {"cidr": "10.1.0.0/16", "moved_from": ["annex", "office"]},
            }
        },
        f'{_HERE}.peers.lab.moved_from: "office": expected a name that one peer had before (hq says that it had it)',
    ),
    "peer of a former name alone": (
        _peer(moved_from="bureau"),
        f'{_HERE}.peers.office: "nothing": expected exactly one of {_KINDS}',
    ),
    "groups of the wrong type": ({"groups": []}, f"{_HERE}.groups: []: expected a mapping"),
    "group of an unknown role": (
        {"groups": {"workers": {"security_group_id": "sg-01234567"}}},
        f'{_HERE}.groups: "workers": expected a role, one of rancher, etcd, controlplane, worker; '
        'did you mean "worker"?',
    ),
    "group of the wrong type": (
        {"groups": {"etcd": "sg-01234567"}},
        f'{_HERE}.groups.etcd: "sg-01234567": expected a mapping',
    ),
    "group without an id": (
        _group(add_rules=True),
        f"{_HERE}.groups.etcd.security_group_id: nothing: expected {_ROLE_GROUP}",
    ),
    "group with an id of the wrong form": (
        _group(security_group_id="sg-1"),
        f'{_HERE}.groups.etcd.security_group_id: "sg-1": expected {_GROUP}',
    ),
    "group with an id of the wrong type": (
        _group(security_group_id=1),
        f"{_HERE}.groups.etcd.security_group_id: 1: expected {_ROLE_GROUP}",
    ),
    "group with an expression": (
        _group(security_group_id="${a.b}"),
        f'{_HERE}.groups.etcd.security_group_id: "${{a.b}}": expected {_LITERAL}',
    ),
    "group with an unknown key": (
        _group(security_group_id="sg-01234567", add_rule=True),
        f'{_HERE}.groups.etcd: "add_rule": expected a key, one of security_group_id, add_rules; '
        'did you mean "add_rules"?',
    ),
    "group with a flag of the wrong type": (
        _group(security_group_id="sg-01234567", add_rules="no"),
        f'{_HERE}.groups.etcd.add_rules: "no": expected true or false',
    ),
    "rules for a group of another account": (
        _group(security_group_id="123456789012/sg-01234567", add_rules=True),
        f'{_HERE}.groups.etcd.security_group_id: "123456789012/sg-01234567": expected a group without an account '
        "before it, since rules are added within one's own",
    ),
    "one group for two roles": (
        {"groups": {role: {"security_group_id": "sg-01234567"} for role in ("worker", "etcd")}},
        f'{_HERE}.groups.etcd: "sg-01234567": expected a group of its own for each role (worker has it already)',
    ),
    "group that a peer is as well": (
        {
            **_group(security_group_id="sg-01234567"),
            "peers": {"alb": {"security_group_id": "sg-01234567"}},
            "slots": {"load_balancer": ["alb"]},
        },
        f'{_HERE}.peers.alb: "sg-01234567": expected one name for one value (etcd has it already)',
    ),
    "tags of the wrong type": ({"tags": ["a"]}, f'{_HERE}.tags: ["a"]: expected a mapping from keys to texts'),
    "tag of AWS": (
        {"tags": {"AWS:x": "y"}},
        f'{_HERE}.tags: "AWS:x": expected a key that does not begin with aws:, which AWS keeps for itself',
    ),
    "tag of ours": (
        {"tags": {"Name": "y"}},
        f'{_HERE}.tags: "Name": expected a key that is not set by rancher-ports (Name and rancher-ports:... are)',
    ),
    "tag with our beginning": (
        {"tags": {"rancher-ports:x": "y"}},
        f'{_HERE}.tags: "rancher-ports:x": expected a key that is not set by rancher-ports '
        "(Name and rancher-ports:... are)",
    ),
    "tag key with an expression": ({"tags": {"${a}": "x"}}, f'{_HERE}.tags: "${{a}}": expected {_LITERAL}'),
    "group of an account with 11 digits": (
        _peer(security_group_id="12345678901/sg-01234567"),
        f'{_HERE}.peers.office.security_group_id: "12345678901/sg-01234567": expected {_GROUP}',
    ),
    "tag key too long": (
        {"tags": {"k" * 128: "y"}},
        f'{_HERE}.tags: "{"k" * 76}...: expected a key of 1 to 127 printable characters',
    ),
    "tag key empty": ({"tags": {"": "y"}}, f'{_HERE}.tags: "": expected a key of 1 to 127 printable characters'),
    "tag value too long": (
        {"tags": {"k": "v" * 257}},
        f'{_HERE}.tags.k: "{"v" * 76}...: expected a text of at most 256 printable characters',
    ),
    "tag value of the wrong type": (
        {"tags": {"k": 1}},
        f"{_HERE}.tags.k: 1: expected a text of at most 256 printable characters",
    ),
    "tag value with a control character": (
        {"tags": {"k": "a\x00b"}},
        f'{_HERE}.tags.k: "a\\u0000b": expected a text of at most 256 printable characters',
    ),
    "too many tags": (
        {"tags": {f"k{i}": "" for i in range(48)}},
        f'{_HERE}.tags: "48 tags": expected at most 46: AWS takes 50, 4 are ours',
    ),
    "tag that JavaScript takes for something else": (
        {"tags": {"__proto__": "x"}},
        f'{_HERE}.tags: "__proto__": expected a key that JavaScript does not take for something else',
    ),
    "tag with an expression": ({"tags": {"k": "%{if true}"}}, f'{_HERE}.tags.k: "%{{if true}}": expected {_LITERAL}'),
    "no backend": ({"backend": {}}, f"{_HERE}.backend: {{}}: expected {_BACKEND}"),
    "two backends": (
        {"backend": {"local": {}, "s3": {}}},
        f'{_HERE}.backend: {{"local": {{}}, "s3": {{}}}}: expected {_BACKEND}',
    ),
    "backend of the wrong type": ({"backend": "s3"}, f'{_HERE}.backend: "s3": expected {_BACKEND}'),
    "backend without keys": (
        {"backend": {"s3": "b"}},
        f'{_HERE}.backend.s3: "b": expected a mapping of that backend\'s own keys',
    ),
    "backend of no name": ({"backend": {"S3!": {}}}, f'{_HERE}.backend: "S3!": expected {_BACKEND}'),
    "backend with a number too large": (
        {"backend": {"s3": {"a": [2**53]}}},
        f"{_HERE}.backend.s3.a[0]: 9007199254740992: expected a number between -9007199254740991 and 9007199254740991",
    ),
    "backend too deep": (
        {"backend": {"s3": _nested(18)}},
        f'{_HERE}.backend.s3{".a" * 17}: "a deep value": expected at most 16 values within each other',
    ),
    "flag of the wrong type": ({"prevent_destroy": "yes"}, f'{_HERE}.prevent_destroy: "yes": expected true or false'),
    "flag null": ({"revoke_rules_on_delete": None}, f"{_HERE}.revoke_rules_on_delete: null: expected true or false"),
}

BAD_TEXTS: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"region: us-east-1",
    "cut off": b'{"context": {"rancher_ports": {"region": "us-ea',
    "no UTF-8": b'{"context": "\xff"}',
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "not a number": b'{"context": {"rancher_ports": {"region": "us-east-1", "backend": {"s3": {"a": NaN}}}}}',
    "an infinite number": b'{"context": {"rancher_ports": {"region": "us-east-1", "backend": {"s3": {"a": 1e999}}}}}',
    "half a character": b'{"context": {"rancher_ports": {"region": "us-east-1", "tags": {"\\ud800": "x"}}}}',
    "no context": b"{}",
    "context of the wrong type": b'{"context": 3}',
    "context null": b'{"context": null}',
    "settings under a name misspelt": b'{"context": {"rancher-ports": {"region": "us-east-1"}}}',
    "no settings": b'{"context": {}}',
    "settings without a region": b'{"context": {"rancher_ports": {}}}',
}
