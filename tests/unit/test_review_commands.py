"""``rancher-ports explain`` and ``diff`` as they are typed."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from rancher_ports.model.roles import CLUSTER_ROLES
from tests.conftest import ROOT
from tests.documented import completed_flows

COMMAND = [sys.executable, "-m", "rancher_ports"]


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments, prog_name="rancher-ports")


def test_what_is_allowed_names_row_and_document_of_both_ends() -> None:
    run = _run("explain", "worker", "controlplane", "6443/tcp")
    assert (run.exit_code, run.stderr) == (0, "")
    assert run.stdout == (
        "allowed: worker to controlplane on 6443/tcp, by Rancher v2.x on RKE1, container network canal\n"
        "\n"
        "worker to controlplane on 6443/tcp, Kubernetes apiserver: ingress, egress\n"
        "  rke1/controlplane/ingress/6443/tcp\n"
        "    Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c), controlplane, ingress\n"
        "    Note. The document has no egress half for controlplane to controlplane.\n"
        "  rke1/worker/egress/6443/tcp\n"
        "    Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c), worker, egress\n"
    )


def test_what_is_refused_names_the_nearest_rows() -> None:
    run = _run("explain", "worker", "etcd", "2379/tcp")
    assert (run.exit_code, run.stderr) == (3, "")
    assert run.stdout == (
        "refused: worker to etcd on 2379/tcp, by Rancher v2.x on RKE1, container network canal\n"
        "\n"
        "No row has it.\n"
        "\n"
        "The nearest rows:\n"
        "  etcd to etcd on 2379/tcp: rke1/etcd/ingress/2379/tcp, rke1/etcd/egress/2379/tcp\n"
        "  controlplane to etcd on 2379/tcp: rke1/etcd/ingress/2379/tcp, rke1/controlplane/egress/2379/tcp\n"
        "  worker to etcd on 8472/udp: "
        "rke1/etcd/ingress/8472/udp/canal+flannel, rke1/worker/egress/8472/udp/canal+flannel\n"
    )


def test_what_is_refused_names_the_choice_that_would_open_it() -> None:
    run = _run("explain", "worker", "worker", "4240/tcp", "--distribution", "rke2")
    assert run.exit_code == 3
    assert (
        "\nIt would be allowed with:\n  cni cilium: rke2/worker/ingress/4240/tcp/cilium+cilium-wireguard\n"
        in run.stdout
    )
    assert _run("explain", "worker", "worker", "4240/tcp", "--distribution", "rke2", "--cni", "cilium").exit_code == 0
    run = _run("explain", "etcd", "etcd", "9099/tcp", "--distribution", "rke2", "--one-sided", "documented")
    # What one page publishes the other half of is derived.
    assert "ingress, egress (derived)" in run.stdout
    run = _run("explain", "controlplane", "controlplane", "6443/tcp", "--one-sided", "documented")
    assert run.exit_code == 3
    assert "Kubernetes apiserver: ingress, no egress (one-sided)" in run.stdout
    assert "  one_sided completed: rke1/controlplane/ingress/6443/tcp\n" in run.stdout


def test_a_disputed_row_is_explained_with_both_places() -> None:
    run = _run("explain", "worker", "worker", "4789/udp", "--distribution", "rke2", "--cni", "flannel")
    assert run.exit_code == 0
    assert "    Disputed. The prose above RKE2's table says 8472" in run.stdout


def test_both_protocols_are_explained_and_one_refused_refuses_both() -> None:
    run = _run("explain", "nodeport_clients", "worker", "30000-32767/tcp+udp")
    assert (run.exit_code, run.stdout.count("allowed: ")) == (0, 2)
    run = _run("explain", "etcd", "etcd", "8472/tcp+udp")
    assert (run.exit_code, run.stdout.count("allowed: "), run.stdout.count("refused: ")) == (3, 1, 1)


def test_the_settings_of_the_app_are_explained(tmp_path: Path) -> None:
    document = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
    document["context"]["rancher_ports"] |= {
        "distribution": "rke2",
        "migrating_from": {"distribution": "k3s", "cni": "flannel"},
    }
    path = tmp_path / "cdktf.json"
    path.write_text(json.dumps(document), "utf-8")
    # K3s's embedded etcd is RKE2's as well; its servers listen for agents on 6443 of etcd nodes, too.
    run = _run("explain", "worker", "etcd", "6443/tcp", "--settings", str(path))
    assert run.exit_code == 0
    assert "  k3s/etcd/ingress/6443/tcp\n" in run.stdout
    assert _run("explain", "worker", "etcd", "6443/tcp", "--distribution", "rke2").exit_code == 3


def test_what_nobody_fills_is_refused_with_the_settings_of_the_app(tmp_path: Path) -> None:
    document = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
    document["context"]["rancher_ports"] |= {"slots": {"ui_api_clients": ["office"], "git_rancher_io": []}}
    path = tmp_path / "cdktf.json"
    path.write_text(json.dumps(document), "utf-8")

    def code(*arguments: str) -> int:
        return _run("explain", *arguments, "--settings", str(path)).exit_code

    assert code("ui_api_clients", "rancher", "443/tcp") == 0
    assert code("load_balancer", "rancher", "80/tcp") == code("rancher", "git_rancher_io", "443/tcp") == 3
    assert _run("explain", "rancher", "git_rancher_io", "443/tcp").exit_code == 0


def test_what_the_owner_of_a_brought_group_has_to_write_is_told(tmp_path: Path) -> None:
    document = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
    groups = {"etcd": {"security_group_id": "sg-0123456789abcdef0"}}
    document["context"]["rancher_ports"]["groups"] = groups
    path = tmp_path / "cdktf.json"
    path.write_text(json.dumps(document), "utf-8")
    run = _run("explain", "controlplane", "etcd", "2379/tcp", "--settings", str(path))
    assert run.exit_code == 0
    assert "The group of etcd exists already and gets no rules here: its half is yours to add.\n" in run.stderr
    groups["etcd"]["add_rules"] = True  # type: ignore[assignment]  # the setting's
    path.write_text(json.dumps(document), "utf-8")
    assert not _run("explain", "controlplane", "etcd", "2379/tcp", "--settings", str(path)).stderr


def test_an_explanation_for_programs() -> None:
    run = _run("explain", "worker", "etcd", "10250/tcp", "--format", "json")
    assert run.exit_code == 3
    document = json.loads(run.stdout)
    assert [document[key] for key in ("from", "to", "port", "allowed", "flows")] == [
        "worker",
        "etcd",
        "10250/tcp",
        False,
        [],
    ]
    assert [(flow["with"], flow["from"], flow["port"]) for flow in document["elsewhere"]] == [
        ("feature metrics-server", "worker", "10250/tcp"),
        ("distribution k3s", "worker", "10250/tcp"),
        ("distribution rke2", "worker", "10250/tcp"),
    ]
    assert ("controlplane", "etcd", "10250/tcp") in {
        (flow["from"], flow["to"], flow["port"]) for flow in document["nearest"]
    }


def test_whatever_is_wrong_with_a_question_is_said_at_once() -> None:
    run = _run("explain", "workr", "etcd", "1/x")
    assert (run.exit_code, run.stdout) == (1, "")
    lines = run.stderr.splitlines()
    assert lines[:2] == [
        "rancher-ports: 2 faults:",
        '  PORT: "1/x": expected a port such as "443/tcp", "30000-32767/tcp+udp", "8/icmp" or "all"',
    ]
    assert lines[2].startswith(
        '  SOURCE: "workr": expected a role or a slot, one of rancher, etcd, controlplane, worker'
    )
    assert lines[2].endswith('; did you mean "worker"?')


# Diff.


def _changes(*arguments: str) -> dict[str, set[tuple[str, str, str, int, int]]]:
    run = _run("diff", *arguments, "--format", "csv")
    assert run.exit_code == 3
    found: dict[str, set[tuple[str, str, str, int, int]]] = {"opened": set(), "closed": set()}
    for row in csv.DictReader(io.StringIO(run.stdout)):
        ports = row["protocol"], int(row["first_port"] or 0), int(row["last_port"] or 0)
        found[row["change"]].add((row["from"], row["to"], *ports))
    return found


def test_from_one_distribution_to_another() -> None:
    changes = _changes("rke1", "rke2/calico")
    overlay = {(source, to, "udp", 8472, 8472) for source, to in product(CLUSTER_ROLES, CLUSTER_ROLES)}
    assert overlay <= changes["closed"]
    assert {(*pair, "udp", 4789, 4789) for pair in product(CLUSTER_ROLES, CLUSTER_ROLES)} <= changes["opened"]
    # What the document of RKE1 has and this opens is nowhere.
    documented = {(f.peer, f.role, f.protocol, f.first, f.last) for f in completed_flows() if f.direction == "ingress"}
    assert not changes["opened"] & documented
    assert changes["closed"] <= documented
    back = _changes("rke2/calico", "rke1")
    assert (back["opened"], back["closed"]) == (changes["closed"], changes["opened"])


def test_what_the_group_of_a_node_driver_opens_too_much_and_lacks() -> None:
    run = _run("diff", "rke2", "amazonec2", "--format", "markdown")
    assert run.exit_code == 3
    too_much, _, lacking = run.stdout.partition("\n## lacking\n")
    assert too_much.startswith("# From rke2 with canal to amazonec2\n\n## opened too much\n")
    assert "| `anywhere` | etcd, controlplane, worker | 8443/tcp |" in too_much
    assert "github.com/rancher/rancher/issues/49555" in lacking.partition("## Notes")[2]
    assert "| etcd, controlplane | etcd | 2381/tcp |" in lacking
    assert "9345/tcp" not in lacking.partition("## Notes")[0]
    # Programs get the same words whatever is compared.
    document = json.loads(_run("diff", "rke2", "amazonec2", "--format", "json").stdout)
    assert document["before"] == {"distribution": "rke2", "cni": "canal", "features": []}
    assert document["after"] == {"distribution": "amazonec2", "cni": None, "features": []}
    assert {"8443/tcp", "179/tcp"} <= {flow["port"] for flow in document["opened"]}
    assert {flow["port"] for flow in document["closed"]} == {"2381/tcp", "9099/tcp"}


def test_features_are_those_of_both_sides_where_there_are_such() -> None:
    # Windows nodes are RKE2's; K3s has none.
    changes = _changes("rke2", "k3s", "--feature", "windows")
    assert ("worker", "worker", "udp", 4789, 4789) in changes["closed"]
    assert ("controlplane", "worker", "tcp", 8443, 8443) not in _changes(
        "rke1", "rke2", "--feature", "ingress-webhook"
    )["opened"]
    # With all egress, what documents say of it makes no difference.
    run = _run("diff", "rke1", "rke2", "--egress", "all", "--one-sided", "documented")
    assert "2376/tcp" not in run.stdout


def test_the_other_way_round_the_words_change_places() -> None:
    run = _run("diff", "amazonec2", "rke2", "--format", "markdown")
    lacking, _, too_much = run.stdout.partition("\n## opened too much\n")
    assert lacking.startswith("# From amazonec2 to rke2 with canal\n\n## lacking\n")
    assert "| etcd, controlplane | etcd | 2381/tcp |" in lacking
    assert "| `anywhere` | etcd, controlplane, worker | 8443/tcp |" in too_much


def test_what_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([*COMMAND, "table", "rke1"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert run.returncode == 1
    assert run.stderr.decode() == "rancher-ports: the standard output: No space left on device\n"


def test_a_hyphen_is_the_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run("diff", "rke1", "rke2", "--output", "-").stdout == _run("diff", "rke1", "rke2").stdout
    assert not list(tmp_path.iterdir())


def test_all_egress_can_be_asked_for() -> None:
    assert _run("explain", "worker", "anywhere", "443/tcp").exit_code == 3
    assert _run("explain", "worker", "anywhere", "443/tcp", "--egress", "all").exit_code == 0
    assert _run("explain", "anywhere", "worker", "443/tcp", "--egress", "all").exit_code == 3


def test_nothing_changes_from_a_table_to_itself() -> None:
    run = _run("diff", "rke2", "rke2/canal")
    assert run.exit_code == 0
    said = " ".join(run.stdout.split())
    assert said == "From rke2 with canal to rke2 with canal opened nothing closed nothing"


def test_a_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "changes.md"
    assert _run("diff", "rke1", "k3s", "--format", "markdown", "--output", str(path)).exit_code == 3
    written = path.read_text("utf-8")
    assert written.startswith("# From rke1 with canal to k3s with flannel\n")
    run = _run("diff", "rke1", "rke2", "--output", str(path))
    assert (run.exit_code, path.read_text("utf-8")) == (1, written)
    assert "--force" in run.stderr
    assert _run("diff", "rke1", "rke2", "--output", str(path), "--force").exit_code == 3
    assert path.read_text("utf-8").startswith("From rke1 with canal to rke2 with canal\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["rk2", "rke2/canla"],
            [
                'BEFORE: "rk2": expected one of k3s, rke1, rke2, amazonec2; did you mean "rke2"?',
                'AFTER: "canla": expected one of canal, canal-wireguard, canal-wireguard-dual-stack, cilium, '
                'cilium-wireguard, calico-bgp, calico, flannel; did you mean "canal"?',
            ],
        ),
        (["rke1", "amazonec2/canal"], ['AFTER: "canal": expected nothing: this group is as it is']),
        (["rke1/", "rke2"], ['BEFORE: "": expected one of canal, flannel, calico, weave']),
        (
            ["rke1", "k3s", "--feature", "metric-server"],
            ['--feature: "metric-server": expected one of image-pulls, external-load-balancer, metrics-server, '],
        ),
    ],
)
def test_a_side_that_is_none_is_refused(arguments: list[str], said: list[str]) -> None:
    run = _run("diff", *arguments)
    assert (run.exit_code, run.stdout) == (1, "")
    for one in said:
        assert one in run.stderr


@pytest.mark.parametrize("command", ["explain", "diff"])
def test_help_says_what_exit_codes_mean(command: str) -> None:
    run = _run(command, "--help")
    assert run.exit_code == 0
    for code in range(4):
        assert f"\n    {code}  " in run.stdout
    assert f"\n    rancher-ports {command} " in run.stdout
    assert f"\n  {command} " in _run("--help").stdout


@pytest.mark.parametrize(
    ("typed", "incomplete", "completed"),
    [
        (["explain"], "w", {"worker"}),
        (["explain", "worker"], "etc", {"etcd"}),
        (["explain", "--distribution"], "rke", {"rke1", "rke2"}),
        (["diff"], "rke2/ci", {"rke2/cilium", "rke2/cilium-wireguard"}),
        (["diff", "rke2"], "ama", {"amazonec2"}),
        (["diff", "--feature"], "win", {"windows"}),
    ],
)
def test_shells_complete_what_there_is(typed: list[str], incomplete: str, completed: set[str]) -> None:
    complete = ShellComplete(commands, {}, "rancher-ports", "_RANCHER_PORTS_COMPLETE")
    assert {item.value for item in complete.get_completions(typed, incomplete)} == completed


def test_changes_have_colours_on_a_terminal_and_none_in_a_pipe() -> None:
    command = [*COMMAND, "diff", "rke1", "rke2"]
    piped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert piped.returncode == 3
    assert "\x1b" not in piped.stdout
    terminal, end = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, cwd=ROOT, stdout=end, env=environment):
        os.close(end)
        shown = b""
        try:
            while read := os.read(terminal, 65536):
                shown += read
        except OSError:
            pass  # what Linux says where the other end is closed
    os.close(terminal)
    assert b"\x1b[" in shown


# The README.


def _shown() -> list[list[str]]:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## On the command line\n")[2].partition("\n## ")[0]
    lines = section.partition("```console\n")[2].partition("```")[0].splitlines()
    return [line.split()[1:] for line in lines]


@pytest.mark.parametrize(("arguments", "code"), list(zip(_shown(), [0, 0, 3, 3, 3], strict=True)), ids=str)
def test_the_commands_shown_do_what_is_said(arguments: list[str], code: int) -> None:
    run = _run(*arguments)
    assert (run.exit_code, run.stderr) == (code, "")
    assert run.stdout


def test_the_commands_named_are_those_that_there_are() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n| command | says |")[2].partition("\n\n")[0]
    named = [line.split("`")[1] for line in section.splitlines()[2:]]
    assert {*named, "recover"} == set(commands.commands)
