"""The loader: every fault of a table at once, each with its place and what to write instead."""

from __future__ import annotations

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.ports import Port
from rancher_ports.model.table import Protected, choose
from rancher_ports.tables import load_table, load_tables, read_tables

HEAD = """
[table]
distribution = "d"
title = "D"
source = "the document"
cni = "canal"

[slots.office]
what = "People"
"""
ROW = """
[[etcd.ingress]]
port = "2379/tcp"
peers = ["etcd", "office"]
why = "etcd client requests"
"""


def _faults(*texts: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_tables({f"t{index}.toml": text for index, text in enumerate(texts)})
    return [str(fault) for fault in refused.value.faults]


def test_a_table_is_read() -> None:
    table = read_tables({"t.toml": HEAD + ROW})["d"]
    (row,) = table.requirements
    assert (row.id, row.role, row.direction, row.ports) == (
        "d/etcd/ingress/2379/tcp",
        "etcd",
        "ingress",
        (Port.tcp(2379),),
    )
    assert (row.peers, row.why, row.source) == (("etcd", "office"), "etcd client requests", "the document")
    assert (table.title, table.cni, table.cnis, table.slots_of("etcd")) == ("D", "canal", ("canal",), ("office",))


def test_optional_keys_of_a_row_are_kept() -> None:
    row = ROW + 'cni = "canal"\nsource = "elsewhere"\nnote = "n"\ndisputed = "a says b, c says d"\n'
    (requirement,) = read_tables({"t.toml": HEAD + row})["d"].requirements
    assert (requirement.id, requirement.when.cnis) == ("d/etcd/ingress/2379/tcp/canal", ("canal",))
    assert (requirement.source, requirement.note, requirement.disputed) == ("elsewhere", "n", "a says b, c says d")


def test_what_a_document_has_one_end_of_is_known_of_each_of_its_rows() -> None:
    def is_one_end(text: str) -> list[bool]:
        return [row.one_end for row in read_tables({"t.toml": text})["d"].requirements]

    assert is_one_end(HEAD + ROW) == [False]
    assert is_one_end(HEAD.replace('title = "D"', 'title = "D"\npublishes = "ingress"') + ROW) == [True]


def test_what_a_feature_replaces_and_what_suggests_it_is_kept() -> None:
    feature = '[features.f]\nwhat = "F"\nreplaces = ["office"]\nsuggested_by = ["office"]\n'
    other = ROW.replace("2379", "2380") + 'feature = "f"\n'
    table = read_tables({"t.toml": HEAD + feature + ROW + 'unless = "f"\n' + other})["d"]
    assert (table.features["f"].replaces, table.features["f"].suggested_by) == (("office",), ("office",))
    without, with_it = choose(table), choose(table, features=["f"])
    assert [row.when.holds(without) for row in table.requirements] == [True, False]
    assert [row.when.holds(with_it) for row in table.requirements] == [False, True]


def test_a_shared_file_adds_to_each_distribution_it_names() -> None:
    shared = """
[table]
name = "shared"
distributions = ["d", "e"]
[features.f]
what = "F"
[slots.mirrors]
what = "Mirrors"
[[worker.egress]]
port = "80/tcp"
feature = "f"
peers = ["mirrors", "office"]
why = "packages"
source = "somewhere"
"""
    tables = read_tables({"d.toml": HEAD + ROW, "e.toml": (HEAD + ROW).replace('"d"', '"e"'), "s.toml": shared})
    for name in "de":
        assert [row.id for row in tables[name].requirements] == [
            f"{name}/etcd/ingress/2379/tcp",
            "shared/worker/egress/80/tcp/f",
        ]
        assert list(tables[name].features) == ["f"]
        assert list(tables[name].slots) == ["office", "mirrors"]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"etcd", "office"',
            '"etdc", "office"',
            't0.toml: etcd.ingress[0].peers[0]: "etdc": expected a role or a slot',
        ),
        ('"etcd", "office"', '"etdc", "office"', 'did you mean "etcd"?'),
        ('"etcd", "office"', '"etcd", "ofice"', 't0.toml: etcd.ingress[0].peers[1]: "ofice"'),
        ('"etcd", "office"', '"office", "office"', "t0.toml: etcd.ingress[0].peers[1]"),
        ('["etcd", "office"]', "[]", "t0.toml: etcd.ingress[0].peers: nothing: expected at least one role or slot"),
        ('["etcd", "office"]', '"etcd"', 't0.toml: etcd.ingress[0].peers: "etcd": expected a list of roles and slots'),
        ('["etcd", "office"]', '["office", 3]', "t0.toml: etcd.ingress[0].peers[1]: 3"),
        ("2379/tcp", "2379/tpc", 't0.toml: etcd.ingress[0].port: "2379/tpc": expected a port such as "443/tcp"'),
        ("2379/tcp", "65536/tcp", "t0.toml: etcd.ingress[0].port: 65536: expected a port, 0 to 65535"),
        ("2379/tcp", "2380-2379/tcp", "expected a range with its lower end first: 2379-2380"),
        ('port = "2379/tcp"\n', "", "t0.toml: etcd.ingress[0].port: nothing"),
        ('port = "2379/tcp"', "port = 2379", "t0.toml: etcd.ingress[0].port: 2379"),
        ('why = "etcd client requests"\n', "", "t0.toml: etcd.ingress[0].why: nothing"),
        ("etcd client requests", "etcd's", 't0.toml: etcd.ingress[0].why: "etcd\'s": expected at most 255 characters'),
        ("etcd client requests", "端口", "expected at most 255 characters of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"),
        ("etcd client requests", "x" * 256, "expected at most 255 characters"),
        ('source = "the document"\n', "", "t0.toml: table.source: nothing"),
        ('source = "the document"\n', "", "t0.toml: etcd.ingress[0].source: nothing: expected the document"),
        ('title = "D"\n', "", "t0.toml: table.title: nothing"),
        ('cni = "canal"', "cni = 3", "t0.toml: table.cni: 3"),
        ('title = "D"', 'titel = "D"', 't0.toml: table: "titel": expected a key, one of distribution, title'),
        ('title = "D"', 'titel = "D"', 'did you mean "title"?'),
        (
            '"etcd client requests"',
            '"x"\nunless = "f"',
            't0.toml: etcd.ingress[0].unless: "f": expected a feature under',
        ),
        (
            "[slots.office]",
            '[features.f]\nwhat = "F"\n[[etcd.egress]]\nport = "1/tcp"\npeers = ["etcd"]\nwhy = "w"\nfeature = "f"\n'
            'unless = "f"\n[slots.office]',
            't0.toml: etcd.egress[0].unless: "f": expected another feature than the one under which the row applies',
        ),
        (
            '"the document"',
            '"; ;"',
            't0.toml: etcd.ingress[0].source: "; ;": expected the documents this row comes from',
        ),
        (
            'title = "D"',
            'title = "D"\npublishes = "egress"',
            't0.toml: table.publishes: "egress": expected "ingress", or nothing where both directions are published',
        ),
        (
            "[slots.office]",
            '[features.f]\nwhat = "F"\nreplaces = ["ofice"]\n[slots.office]',
            't0.toml: features.f.replaces[0]: "ofice": expected a slot, one of office; did you mean "office"?',
        ),
        (
            "[slots.office]",
            '[features.f]\nwhat = "F"\nsuggested_by = "office"\n[slots.office]',
            't0.toml: features.f.suggested_by: "office": expected a list of slots',
        ),
        (
            '"etcd client requests"',
            '"x"\nfeature = "f"',
            't0.toml: etcd.ingress[0].feature: "f": expected a feature under',
        ),
        ('"etcd client requests"', '"x"\nports = "1"', 't0.toml: etcd.ingress[0]: "ports": expected a key'),
        ('"etcd client requests"', '"x"\ncni = 3', "t0.toml: etcd.ingress[0].cni: 3"),
        ("[[etcd.ingress]]", "[[ectd.ingress]]", 't0.toml: "ectd": expected a key'),
        ("[[etcd.ingress]]", "[[ectd.ingress]]", 'did you mean "etcd"?'),
        (
            "[[etcd.ingress]]",
            "[[etcd.inbound]]",
            't0.toml: etcd: "inbound": expected a direction, one of ingress, egress',
        ),
        ("[[etcd.ingress]]", "[etcd.ingress]", "t0.toml: etcd.ingress: "),
        ("[slots.office]", "[slots.Office]", 't0.toml: slots: "Office": expected a name of lower-case'),
        ("[slots.office]", "[slots.worker]", 't0.toml: slots: "worker"'),
        ('what = "People"', "what = 3", "t0.toml: slots.office.what: 3"),
        ('what = "People"', 'what = "x"\ndefault = 3', "t0.toml: slots.office.default: 3: expected a list"),
        ('what = "People"', 'what = "x"\ndefault = [{}]', "t0.toml: slots.office.default[0].name: nothing"),
        ('what = "People"', 'what = "x"\ndefault = [3]', "t0.toml: slots.office.default[0]: 3: expected a mapping"),
        (
            'what = "People"',
            'what = "x"\ndefault = [{ name = "a", cidr = "10.0.0.1/8" }]',
            't0.toml: slots.office.default[0].cidr: "10.0.0.1/8"',
        ),
        (
            'what = "People"',
            'what = "x"\ndefault = [{ name = "a", cidr = "10.0.0.0/8" }, { name = "b", cidr = "10.0.0.0/8" }]',
            't0.toml: slots.b: "10.0.0.0/8": expected one name for one value',
        ),
        ('"etcd", "office"', '"etcd"', 't0.toml: slots: "office": expected a slot that a row names'),
        ("[table]", "[table", "t0.toml: "),
        ("[table]", "[features.F_]\nwhat = 3\n[table]", 't0.toml: features: "F_"'),
        ("[table]", "[features.F_]\nwhat = 3\n[table]", "t0.toml: features.F_.what: 3"),
    ],
)
def test_a_fault_is_reported_with_its_place(old: str, new: str, fault: str) -> None:
    text = HEAD + ROW
    assert old in text
    assert any(fault in line for line in _faults(text.replace(old, new))), _faults(text.replace(old, new))


def test_all_faults_of_all_files_are_reported_at_once() -> None:
    bad = HEAD + ROW.replace("2379/tcp", "x").replace("etcd client", "'") + ROW.replace('"office"', '"ofice"')
    faults = _faults(bad, bad.replace('"d"', '"e"').replace("title", "titel"))
    assert len([fault for fault in faults if fault.startswith("t0.toml")]) == 4
    assert len([fault for fault in faults if fault.startswith("t1.toml")]) == 6


def test_a_row_twice_is_refused() -> None:
    (fault,) = _faults(HEAD + ROW + ROW)
    assert fault.startswith('t0.toml: etcd.ingress[1]: "d/etcd/ingress/2379/tcp": expected each row once')


def test_a_flow_twice_is_refused() -> None:
    (fault,) = _faults(HEAD + ROW + ROW.replace("2379/tcp", "2379/tcp+udp").replace(', "office"', ""))
    assert fault == (
        't0.toml: etcd.ingress[1]: "2379/tcp etcd": expected each flow once; d/etcd/ingress/2379/tcp has it already'
    )


def test_faults_of_shared_files_are_said_once() -> None:
    shared = '[table]\nname = "s"\ndistributions = ["d", "e", "x"]\n[slots.office]\nwhat = "again"\n'
    faults = _faults(HEAD + ROW, (HEAD + ROW).replace('"d"', '"e"'), shared)
    assert faults == [
        't2.toml: table.distributions[2]: "x": expected one of d, e',
        't2.toml: slots: "office": expected each name once; another file has it',
    ]


def test_an_unknown_distribution_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match='distribution: "rke": expected one of k3s, rke1, rke2; did you mean "rke2"'):
        load_table("rke")
    assert load_table("rke1") is load_tables()["rke1"]


def test_a_distribution_stands_in_one_file() -> None:
    assert _faults(HEAD + ROW, HEAD + ROW) == [
        't1.toml: table.distribution: "d": expected each distribution once (t0.toml has it)'
    ]


@pytest.mark.parametrize(
    ("cni", "fault"),
    [
        ("[]", "etcd.ingress[0].cni: []: expected at least one container network"),
        ('["a b"]', 'etcd.ingress[0].cni: "a b": expected a name'),
        (
            '["cannal"]',
            'table.cni: "canal": expected a container network that a row names, one of cannal; did you mean',
        ),
    ],
)
def test_container_networks_are_checked(cni: str, fault: str) -> None:
    assert any(fault in line for line in _faults(HEAD + ROW + f"cni = {cni}\n"))


def test_an_id_does_not_depend_on_how_a_row_is_spelt() -> None:
    row = ROW + 'cni = ["weave", "canal"]\n'
    for port in ("02379-2379/tcp+udp", "2379/tcp+udp"):
        (requirement,) = read_tables({"t.toml": HEAD + row.replace("2379/tcp", port)})["d"].requirements
        assert requirement.id == "d/etcd/ingress/2379/tcp+udp/canal+weave"


def test_the_default_network_comes_first() -> None:
    rows = ROW + 'cni = "a"\n' + ROW.replace("2379", "1") + 'cni = "canal"\n'
    assert read_tables({"t.toml": HEAD + rows})["d"].cnis == ("canal", "a")


def test_a_feature_that_no_row_names_is_a_fault() -> None:
    (fault,) = _faults(HEAD + '[features.f]\nwhat = "F"\n' + ROW)
    assert fault == 't0.toml: features: "f": expected a feature that a row names'


def test_default_peers_of_shared_files_are_compared_too() -> None:
    default = 'default = [{ name = "%s", cidr = "10.0.0.0/8" }]\n'
    own = HEAD + default % "a" + ROW
    shared = '[table]\nname = "s"\ndistributions = ["d"]\nsource = "x"\n[slots.lab]\nwhat = "L"\n' + default % "b"
    shared += ROW.replace("etcd", "worker").replace("office", "lab")
    assert any("one name for one value" in fault for fault in _faults(own, shared))


PROTECTED = """
[protected.etcd]
ports = ["2379-2380/tcp", "53/tcp+udp"]
only = ["etcd", "controlplane"]
why = "It holds the cluster"
source = "elsewhere"
"""


def test_protected_ports_are_read() -> None:
    (etcd,) = read_tables({"t.toml": HEAD + PROTECTED + ROW})["d"].protected.values()
    ports = (Port.tcp_range(2379, 2380), Port.tcp(53), Port.udp(53))
    assert etcd == Protected("etcd", ports, ("etcd", "controlplane"), "It holds the cluster", "elsewhere")
    assert etcd.code == "etcd-exposed"
    text = PROTECTED.replace('["etcd", "controlplane"]', '"groups"').replace('source = "elsewhere"\n', "")
    (etcd,) = read_tables({"t.toml": HEAD + text + ROW})["d"].protected.values()
    assert (etcd.only, etcd.source) == (None, "the document")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("protected.etcd", "protected.etdc", 't0.toml: protected: "etdc": expected what has a finding of its own'),
        ("protected.etcd", "protected.etdc", 'one of etcd, kubelet, overlay; did you mean "etcd"?'),
        ("2379-2380/tcp", "2380-2379/tcp", "t0.toml: protected.etcd.ports[0]: "),
        ("53/tcp+udp", "53", 't0.toml: protected.etcd.ports[1]: "53": expected a port such as'),
        ('["2379-2380/tcp", "53/tcp+udp"]', "[]", "t0.toml: protected.etcd.ports: nothing: expected at least one"),
        ('ports = ["2379-2380/tcp", "53/tcp+udp"]', "", "t0.toml: protected.etcd.ports: nothing: expected at least"),
        ('["2379-2380/tcp", "53/tcp+udp"]', '"53/udp"', 't0.toml: protected.etcd.ports: "53/udp": expected a list'),
        ('"controlplane"', '"controlplan"', 't0.toml: protected.etcd.only[1]: "controlplan": expected one of rancher'),
        ('"controlplane"', '"controlplan"', 'did you mean "controlplane"?'),
        ('["etcd", "controlplane"]', "[]", "t0.toml: protected.etcd.only: nothing: expected at least one role, or"),
        ('only = ["etcd", "controlplane"]', "", "t0.toml: protected.etcd.only: nothing: expected at least one role"),
        ('["etcd", "controlplane"]', '"group"', 't0.toml: protected.etcd.only: "group": expected a list of roles, or'),
        ('why = "It holds the cluster"', "", "t0.toml: protected.etcd.why: nothing"),
        ("why =", "wy =", 't0.toml: protected.etcd: "wy": expected a key, one of ports, only, why, source'),
        ('source = "elsewhere"', "source = 3", "t0.toml: protected.etcd.source: 3"),
    ],
)
def test_a_fault_of_protected_ports_is_reported_with_its_place(old: str, new: str, fault: str) -> None:
    assert old in PROTECTED
    faults = _faults(HEAD + PROTECTED.replace(old, new) + ROW)
    assert any(fault in line for line in faults), faults


def test_protected_ports_that_are_no_section_are_one_fault() -> None:
    faults = _faults("protected = { etcd = 3 }\n" + HEAD + ROW)
    assert len(faults) == 1
    assert faults[0].startswith("t0.toml: protected.etcd: 3: expected a mapping")


def test_protected_ports_come_with_a_source_of_their_own_or_the_tables() -> None:
    shared = '[table]\nname = "s"\ndistributions = ["d"]\n' + PROTECTED
    assert list(read_tables({"d.toml": HEAD + ROW, "s.toml": shared})["d"].protected) == ["etcd"]
    (fault,) = _faults(HEAD + ROW, shared.replace('source = "elsewhere"\n', ""))
    assert fault.startswith("t1.toml: protected.etcd.source: nothing: expected the document this comes from")
    assert _faults(HEAD + PROTECTED + ROW, shared) == [
        't1.toml: protected: "etcd": expected each name once; another file has it'
    ]


@pytest.mark.parametrize(("line", "world"), [("world = true\n", True), ("world = false\n", False), ("", False)])
def test_a_slot_is_meant_for_the_world_only_if_it_says_so(line: str, world: bool) -> None:
    assert read_tables({"t.toml": HEAD + line + ROW})["d"].slots["office"].world is world


def test_whether_a_slot_is_meant_for_the_world_is_yes_or_no() -> None:
    assert _faults(HEAD + 'world = "no"\n' + ROW) == ['t0.toml: slots.office.world: "no": expected true or false']
