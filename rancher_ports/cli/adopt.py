"""``rancher-ports adopt``: groups that exist against the documents, and how our app takes them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rancher_ports.cli import ec2, inputs, outputs
from rancher_ports.cli.choosing import choosing_by_options
from rancher_ports.errors import Fault, Faults, InputError
from rancher_ports.model.conditions import Choices
from rancher_ports.model.table import Table

if TYPE_CHECKING:
    from rancher_ports.adoption import Adoption, Wish
    from rancher_ports.model.findings import Finding
    from rancher_ports.readers.described import DescribedGroup, DescribedRule

SETTINGS, IMPORTS, REMOVED = "settings.json", "import.tf.json", "removed.tf.json"

Described = tuple[tuple["DescribedGroup", ...], tuple["DescribedRule", ...]]


@click.command(short_help="Existing groups against the documents, and how our app takes them over.")
@click.option(
    "--role",
    "roles",
    metavar="ROLE[,ROLE...]=GROUP",
    multiple=True,
    help="Whose group a group is, by its id or name, with all roles that share it; may be given several times. "
    "Default: rancher-nodes for all roles of a cluster.",
)
@inputs.DESCRIBED_GROUPS
@inputs.DESCRIBED_RULES
@click.option(
    "--state",
    "states",
    metavar="FILE",
    multiple=True,
    help="What `terraform show -json` printed of the state that has the groups so far; may be given several times.",
)
@click.option("--region", metavar="REGION", help="Where the groups are; that of the settings by default.")
@click.option("--prefix", metavar="PREFIX", help="What addresses begin with; that of the settings, or rancher.")
@click.option("--output", type=click.Path(), metavar="DIR", help="Write the settings and the blocks into this folder.")
@click.option("--force", is_flag=True, help="Write files of --output even if others of these names exist.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True, help="Of the report."
)
@choosing_by_options
def adopt(
    table: Table,
    choices: Choices,
    *,
    roles: tuple[str, ...],
    groups: str | None,
    rules: str | None,
    states: tuple[str, ...],
    region: str | None,
    prefix: str | None,
    output: str | None,
    force: bool,
    format_: str,
) -> None:
    """Hold security groups that exist against the documented ports, and have our app take them over.

    For groups made by hand, by another configuration of Terraform, or by Rancher itself (rancher-nodes). It tells what
    is missing, what is wider than needed and by how much, and what no document asks for. With --output it writes what
    our app needs to take them over without closing anything:

    \b
      settings.json    the settings, for cdktf.json: the groups with their names, descriptions and tags, and those of
                       their rules that no document asks for, to be taken out one by one
      import.tf.json   import blocks, to lie beside what is synthesized for the first apply
      removed.tf.json  removed blocks, for the configuration that had the groups so far (with --state)

    \b
      rancher-ports adopt --region eu-central-1
      rancher-ports adopt --role etcd,controlplane=masters --role worker=sg-0123456789abcdef0 --distribution rke2
      rancher-ports adopt --settings cdktf.json --groups groups.json --rules rules.json --output adopted

    Nothing is changed, neither in EC2 nor in a state. Rules that the cloud controller made for load balancers are left
    alone. EC2 is asked with boto3 and your usual credentials, which may call ec2:DescribeSecurityGroups and
    ec2:DescribeSecurityGroupRules; or give its answers as files. docs/adopting.md goes through it step by step.

    \b
    Exit codes:
      0  done
      1  bad input, or EC2 could not be asked
      2  the command line itself is wrong
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    # Only now: none of it is needed for --help.
    from rancher_ports.adoption import adopt as work_out  # noqa: PLC0415  # see above
    from rancher_ports.adoption import read_wish  # noqa: PLC0415  # see above
    from rancher_ports.readers.managed import read_managed  # noqa: PLC0415  # see above
    from rancher_ports.tables import load_tables  # noqa: PLC0415  # see above

    faults = Faults()
    wishes: list[Wish] = []
    for text in roles:
        with faults.under(""):
            wishes.append(read_wish(text))
    faults.raise_any()
    document = _settings(click.get_current_context().params.get("settings"), table, choices)
    _take(document, "prefix", prefix)
    _take(document, "region", region)
    described = _described(wishes, groups, rules, document)
    if "region" not in document and (found := next((g.region for g in described[0] if g.region), None)):
        document["region"] = found
    managed = [one for state in states for one in inputs.read(state, read_managed)]
    adoption = work_out(document, load_tables(), wishes, described, managed)
    if output is not None:
        outputs.write_folder(Path(output), _files(adoption, Path(output)), force=force)
    click.echo(_report(adoption, format_), nl=False)


def _settings(path: str | None, table: Table, choices: Choices) -> dict[str, object]:
    """The settings so far, as they stand under ``rancher_ports``: of a file that has been checked, or new ones."""
    if path is not None:
        found: dict[str, object] = inputs.read(path, lambda document: dict(document["context"]["rancher_ports"]))  # type: ignore[index]  # checked
        return found
    return {
        "distribution": table.distribution,
        "cni": choices.cni,
        "features": [name for name in table.features if name in choices.features],
        "one_sided": choices.one_sided,
        "egress": choices.egress,
    }


def _take(document: dict[str, object], key: str, value: str | None) -> None:
    if value is None:
        return
    if document.get(key, value) != value:
        raise InputError([Fault(f"--{key}", value, f"{document[key]}, as the settings have it, or nothing")])
    document[key] = value


def _described(
    wishes: Sequence[Wish], groups: str | None, rules: str | None, document: Mapping[str, object]
) -> Described:
    """The groups that are meant, with those at the other end of their rules, and the rules: of files, or of EC2."""
    from rancher_ports.adoption.assignments import DRIVER_GROUP, assign  # noqa: PLC0415  # as above
    from rancher_ports.model.tags import OWNER_TAG  # noqa: PLC0415  # as above
    from rancher_ports.readers.described import read_groups, read_rules  # noqa: PLC0415  # as above
    from rancher_ports.settings import DEFAULT_PREFIX  # noqa: PLC0415  # as above

    asked = str(document["region"]) if "region" in document else None
    if groups is not None:
        found = inputs.read(groups, lambda document: read_groups(document, asked))
    else:
        wanted = [wish.group for wish in wishes] or [DRIVER_GROUP]
        by_id = [name for name in wanted if name.startswith("sg-")]
        by_name = [name for name in wanted if not name.startswith("sg-")]
        # Those that the app has already as well: one role's cannot be adopted twice.
        adopted = [group["name"] for group in document.get("adopted", {}).values()]  # type: ignore[attr-defined]  # checked
        owner = str(document.get("prefix", DEFAULT_PREFIX))
        by_name = [*by_name, *(name for name in adopted if name not in by_name)]
        found = _ask(asked, {"group-id": by_id, "group-name": by_name, f"tag:{OWNER_TAG}": [owner]})
    ids = [one.group.id for one in assign(wishes, found)]
    if rules is not None:
        return found, inputs.read(rules, read_rules)
    brought = [group["security_group_id"] for group in document.get("groups", {}).values()]  # type: ignore[attr-defined]  # checked
    with ec2.client(asked) as client:
        on_them = read_rules(ec2.describe_rules(client, [*ids, *brought]))
    if groups is None:
        known = {group.id for group in found}
        peers = {rule.identity.peer for rule in on_them if rule.identity.peer.startswith("sg-")} - known
        found += _ask(asked, {"group-id": sorted(peers)})
    return found, on_them


def _ask(region: str | None, filters: Mapping[str, Sequence[str]]) -> tuple[DescribedGroup, ...]:
    from rancher_ports.readers.described import read_groups  # noqa: PLC0415  # as above

    with ec2.client(region) as client:
        found = [
            group
            for name, values in filters.items()
            if values
            for group in read_groups(ec2.find_groups(client, name, values), client.meta.region_name)
        ]
    return tuple({group.id: group for group in found}.values())


def _files(adoption: Adoption, folder: Path) -> dict[str, str]:
    from rancher_ports.adoption import import_text, removed_text, settings_text  # noqa: PLC0415  # as above

    files = {SETTINGS: settings_text(adoption.settings), IMPORTS: import_text(adoption.imports)}
    # One that was written for other groups would have their rules forgotten.
    if adoption.handing_over.removed or (folder / REMOVED).exists():
        files[REMOVED] = removed_text(adoption.handing_over.removed)
    return files


def _refused(adoption: Adoption) -> tuple[Finding, ...]:
    """For what the app does not take the settings as they are."""
    from rancher_ports.audit.deployment import audit  # noqa: PLC0415  # as above
    from rancher_ports.audit.quota import over_quota  # noqa: PLC0415  # as above
    from rancher_ports.model.deployment import fill  # noqa: PLC0415  # as above
    from rancher_ports.model.templates import templates  # noqa: PLC0415  # as above
    from rancher_ports.settings import read_settings  # noqa: PLC0415  # as above
    from rancher_ports.tables import load_tables  # noqa: PLC0415  # as above

    settings = read_settings({"context": {"rancher_ports": adoption.settings}}, load_tables())
    rules = fill(templates(settings.table), settings.deployment)
    on_aws = settings.kubernetes_cluster is not None
    about = audit(settings.table, settings.deployment, rules, settings.peers.values(), cloud_provider=on_aws)
    found = (*over_quota(rules, settings.quotas), *about)
    return tuple(one for one in found if one.severity == "error")


def _report(adoption: Adoption, format_: str) -> str:
    refused = _refused(adoption)
    if format_ == "json":
        from rancher_ports.render.adoption_json import adoption_to_json  # noqa: PLC0415  # as above

        return adoption_to_json(adoption, refused)
    from rancher_ports.render.adoption_text import adoption_to_text  # noqa: PLC0415  # as above

    return adoption_to_text(adoption, refused)
