"""The README of a generated module: how to call it, what it takes and gives, and the ports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rancher_ports.model.flows import flows
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.table import Table, choose
from rancher_ports.module import ENGINE_VERSION, PROVIDER_VERSION, Module
from rancher_ports.render.markdown import escaped, grid, notes, sheet, sources
from rancher_ports.render.pages import differences, features
from rancher_ports.render.sheet import numbered, rows_of

_INTRODUCTION = """\
# {title}: security groups as a module

One AWS security group for each node role of a Rancher server and its cluster (rancher, etcd, controlplane, worker), and
the rules that are documented between them: a rule names the other role's group, never its addresses. Who is outside of
the cluster is named once, under `peers`, and put into `slots`; nothing is open to anybody who was not named.

Written by `rancher-ports module {distribution}`, for Terraform and OpenTofu; nothing else is needed to use it. Changes
made by hand are lost when it is written anew."""

_USAGE = """\
## Usage

```hcl
module "ports" {{
  source = "git::https://example.com/rancher-ports.git//modules/{distribution}?ref=main"

  vpc_id            = "vpc-0123456789abcdef0"
  group_name_prefix = "prod"

  peers = {{
    office = {{ cidr_ipv4 = "203.0.113.0/24", label = "Office" }}
    front  = {{ security_group_id = "sg-0123456789abcdef0" }}
  }}
  slots = {{
    ui_api_clients  = ["office"]
    ingress_clients = ["office", "front"]
  }}
}}
```

Nodes take their groups from the outputs: `module.ports.security_group_ids["worker"]`; a node of several roles takes
several. The address stands for wherever you have the module: git, a registry, or a folder such as
`./modules/{distribution}`. In rancher-ports' repository there are beside it `examples/`, whole configurations, and
`tests/`, which `terraform test` and `tofu test` run."""

_VERSIONS = f"""\
## Versions

- Terraform and OpenTofu `{ENGINE_VERSION}`: attributes of objects that may be left out, with defaults (`optional`),
  are there from 1.3 on, OpenTofu's first release is 1.6. `terraform test` needs 1.7 for the tests here, which make no
  AWS calls.
- AWS provider `{PROVIDER_VERSION}`: a rule as a resource of its own is there from 4.56 on
  (github.com/hashicorp/terraform-provider-aws/pull/29484); 5.0 is the first major
  version in which it always was. Neither has an upper bound: that is for the configuration which calls the module to
  say, and its lock file."""

_KNOWN = f"""\
## What is checked, and when

- At plan: everything in the variables that is known then. An error says which variable and what to write. It names
  the key where it is about keys alone; where it is about values it does not, since with one value unknown Terraform
  would show no message at all.
- Keys of `peers`, `slots` and `groups`, `add_rules`, `features`, `cni`, `one_sided` and `egress` have to be known at
  plan, since they say which rules there are. Terraform itself says so where they are not (`Invalid for_each argument`),
  and where `peers` as a whole is sensitive; a value in it may be.
- `vpc_id`, ids and blocks may be made in the same apply. What is wrong with such a value is told at apply, and its rule
  not made; while one is unknown, checks that look at all values together (one under two keys) wait for it.
- With `-target` Terraform leaves out what is checked of several variables together: a key in a slot that is no peer's
  makes no rule then, without a word. How wide a block may be is checked on the rule, always.
- An attribute that a peer or a group does not have, such as `cidr_ip4` or `labels`, is dropped by Terraform without a
  word: of a misspelt value the module says that there is none, of a misspelt label nobody says anything.
- AWS allows {Quotas().rules_per_group} rules for ingress and as many for egress of a group
  unless it was asked for more, and counts each entry of a prefix list. The module does not count.
- Of brought groups the module knows the ids alone: whether they are in the VPC, and what rules they have, it does not
  ask. A group that was not made by Terraform mostly has the rule for all egress: with `egress = "all"` and `add_rules`
  AWS refuses the second one.
- Write `123456789012/sg-...` for a group of another account alone: of your own account AWS gives the id back without
  the number, and every plan would change the rule again.
- All groups stand in one VPC, of one account. Server and clusters apart, agents groups, other accounts and regions are
  what the constructs for Python are for.
- A change of `cni` or `features` closes the ports of the former ones in the same apply that opens those of the new
  ones. While nodes migrate both have to be open, which the constructs can keep so (`migrating_from`) and the module
  cannot.
- No group carries the tag `kubernetes.io/cluster/...`, which AWS's cloud controller looks for on exactly one group of a
  node: give nodes one more group, of your own, that has it."""


def to_markdown(table: Table, made: Module) -> str:
    """The README of a table's module.

    Args:
        table: the documented ports.
        made: the module.
    """
    choices = choose(table)
    found = flows(table, choices)
    numbers = numbered([*rows_of(found), *table.requirements], table)
    parts = [
        _INTRODUCTION.format(title=escaped(table.title), distribution=table.distribution),
        _USAGE.format(distribution=table.distribution),
        "## Inputs",
        grid(("name", "what", "type", "default"), map(_input, made.variables.items())),
        "## Outputs",
        grid(
            ("name", "what"), [[f"`{name}`", escaped(output["description"])] for name, output in made.outputs.items()]
        ),
        "A rule's address ends in the peer's key:\n"
        '`module.ports.aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_443["office"]`.',
        _KNOWN,
        _VERSIONS,
        "## Ports",
        f"With the container network {choices.cni}, the default. Numbers under *source* are those of the "
        "[sources](#sources).",
        sheet(found, numbers),
        *_networks(table, numbers),
        "## Features",
        "Each with what it adds to the above.",
        *features(table, choices, numbers),
    ]
    if noted := notes(table.requirements):
        parts += ["## Notes", noted]
    return "\n\n".join([*parts, "## Sources", sources(numbers)]) + "\n"


def _input(item: tuple[str, Mapping[str, Any]]) -> list[str]:
    name, variable = item
    default = f"`{json.dumps(variable['default'])}`" if "default" in variable else "none: it has to be given"
    return [f"`{name}`", escaped(variable["description"]), f"`{variable['type']}`", default]


def _networks(table: Table, numbers: Mapping[str, int]) -> Iterator[str]:
    default, *others = table.cnis
    for cni in others:
        yield f"### {cni} in place of {default}"
        yield from differences(table, choose(table), choose(table, cni=cni), numbers)
