"""Which table a command line means, and what is chosen of it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from rancher_ports.cli.choosing import choose_from, choosing
from rancher_ports.errors import InputError
from rancher_ports.model.conditions import Choices
from rancher_ports.model.table import Table
from tests.conftest import ROOT


def _settings(folder: Path, **settings: object) -> str:
    path = folder / "cdktf.json"
    path.write_text(json.dumps({"context": {"rancher_ports": {"region": "us-east-1", **settings}}}), "utf-8")
    return str(path)


def _faults(*args: str | None, **more: object) -> list[str]:
    with pytest.raises(InputError) as refused:
        choose_from(*args, **more)  # type: ignore[arg-type]  # by name
    return [str(fault) for fault in refused.value.faults]


def test_a_distribution_has_choices_of_its_own() -> None:
    table, choices = choose_from("k3s")
    assert (table.distribution, choices) == ("k3s", Choices("flannel", distribution="k3s"))
    table, choices = choose_from("rke2", cni="cilium", features=["windows"], one_sided="documented", egress="all")
    assert (table.distribution, choices) == (
        "rke2",
        Choices("cilium", frozenset({"windows"}), "documented", "all", "rke2"),
    )


def test_the_settings_of_the_app_choose(tmp_path: Path) -> None:
    settings = _settings(tmp_path, distribution="rke2", cni="cilium", features=["windows"], egress="all")
    expected = Choices("cilium", frozenset({"windows"}), egress="all", distribution="rke2")
    assert choose_from(None, settings=settings)[1] == expected
    # The same said again is no contradiction.
    table, choices = choose_from("rke2", cni="cilium", features=["windows"], egress="all", settings=settings)
    assert (table.distribution, choices) == ("rke2", expected)
    assert choose_from(None, settings=str(ROOT / "cdktf.json"))[0].distribution == "rke1"


def test_what_the_settings_contradict_is_refused_all_at_once(tmp_path: Path) -> None:
    settings = _settings(tmp_path, distribution="rke2", cni="cilium")
    assert _faults("rke1", cni="canal", features=["windows"], one_sided="documented", settings=settings) == [
        'DISTRIBUTION: "rke1": expected rke2, as cdktf.json has it, or nothing beside --settings',
        '--cni: "canal": expected cilium, as cdktf.json has it, or nothing beside --settings',
        '--feature: "windows": expected no feature, as cdktf.json has it, or no --feature beside --settings',
        '--one-sided: "documented": expected completed, as cdktf.json has it, or nothing beside --settings',
    ]


def test_settings_at_fault_say_so_themselves(tmp_path: Path) -> None:
    (fault,) = _faults(None, settings=_settings(tmp_path, distribution="rke3"))
    assert fault.startswith('cdktf.json: context.rancher_ports.distribution: "rke3": expected one of k3s, rke1, rke2')
    (fault,) = _faults(None, settings=str(tmp_path / "none.json"))
    assert fault == "none.json: No such file or directory: expected a file that can be read"


def test_what_there_is_not_is_told_with_what_was_meant_as_it_was_typed() -> None:
    assert _faults("rke") == ['DISTRIBUTION: "rke": expected one of k3s, rke1, rke2; did you mean "rke2"?']
    first, second, third = _faults("k3s", cni="flanel", features=["ssh-admin", "ssh-admn", "windows"])
    assert first.startswith('--feature: "ssh-admn": expected one of ')
    assert first.endswith('; did you mean "ssh-admin"?')
    assert second.startswith('--feature: "windows": expected one of ')
    assert third.startswith('--cni: "flanel": expected one of flannel, ')


def test_nothing_at_all_is_told_both_ways() -> None:
    assert _faults(None) == ["DISTRIBUTION: nothing: expected one of k3s, rke1, rke2; or --settings FILE"]


@click.command()
@choosing
@click.option("--loud", is_flag=True)
@click.pass_context
def say(_: click.Context, table: Table, choices: Choices, *, loud: bool) -> None:
    """Say what was chosen."""
    click.echo(f"{table.distribution} {choices.cni} {sorted(choices.features)} {loud}")


def test_a_command_gets_table_and_choices_in_place_of_the_arguments() -> None:
    run = CliRunner().invoke(say, ["--feature", "ssh-admin", "rke1", "--loud", "--feature", "aws-api"])
    assert run.stdout == "rke1 canal ['aws-api', 'ssh-admin'] True\n"
    wrong = CliRunner().invoke(say, ["rke1", "--egress", "none"])
    assert (wrong.exit_code, "'none' is not one of 'documented', 'all'" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("typed", "incomplete", "expected"),
    [
        ([], "", ["k3s", "rke1", "rke2"]),
        ([], "rke", ["rke1", "rke2"]),
        (["rke1", "--cni"], "", ["canal", "flannel", "calico", "weave"]),
        (["k3s", "--cni"], "flannel-", ["flannel-wireguard", "flannel-wireguard-dual-stack"]),
        (["--cni"], "we", ["weave"]),
        (["rke9", "--cni"], "we", ["weave"]),
        (["k3s", "--feature"], "wi", []),
        (["rke2", "--feature"], "wi", ["windows"]),
        (["--feature"], "custom-", ["custom-dns", "custom-ntp"]),
        (["--egress"], "", ["documented", "all"]),
    ],
)
def test_the_shell_completes_what_there_is(typed: list[str], incomplete: str, expected: list[str]) -> None:
    found = ShellComplete(say, {}, "say", "_SAY_COMPLETE").get_completions(typed, incomplete)
    assert [item.value for item in found] == expected


def test_the_shell_says_what_a_feature_is_for() -> None:
    (found,) = ShellComplete(say, {}, "say", "_SAY_COMPLETE").get_completions(["rke1", "--feature"], "ssh")
    assert found.help == "Administrators reach nodes over SSH"
