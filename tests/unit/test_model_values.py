"""Small values: tags, descriptions, names, errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import Fault, Faults, InputError, nearest, one_of, shown
from rancher_ports.model.bindings import Binding, BroughtGroup, bind, check_groups
from rancher_ports.model.ids import check_vpc_id
from rancher_ports.model.roles import GroupKey, check_role
from rancher_ports.model.rules import Rule, RuleSet, describe
from rancher_ports.model.tags import check_kubernetes_cluster, check_tags, requirement_tag
from tests.unit.strategies import rules

ids = st.lists(st.text("abcdef/-", min_size=1, max_size=60), min_size=1, max_size=12)


def test_a_description_joins_reasons_each_once() -> None:
    assert describe(["kubelet", "Container images", "kubelet"]) == "kubelet; Container images"


def test_what_is_too_long_ends_in_dots() -> None:
    assert describe(["x" * 255]) == "x" * 255
    assert describe(["x" * 250, "y" * 10]) == "x" * 250 + ";..."
    assert requirement_tag(["a" * 200, "b" * 60, "c" * 60]) == "a" * 200 + " +2"


@given(st.lists(st.text("abc ,", min_size=1, max_size=120), min_size=1))
def test_a_description_fits(reasons: list[str]) -> None:
    text = describe(reasons)
    assert len(text) <= 255
    assert text == describe(list(reasons))
    whole = "; ".join(dict.fromkeys(reasons))
    assert text == whole or (text.endswith("...") and whole.startswith(text.removesuffix("...")))


@given(ids)
def test_a_requirement_tag_fits_and_counts_what_does_not(names: list[str]) -> None:
    value = requirement_tag(names)
    assert len(value) <= 256
    kept = [name for name in value.split() if not name.startswith("+")]
    left_out = [int(name) for name in value.split() if name.startswith("+")]
    assert kept == names[: len(kept)]
    assert len(kept) + sum(left_out) == len(names)
    assert bool(left_out) == (len(" ".join(names)) > 256)


@given(st.lists(rules(), max_size=6), st.randoms(use_true_random=False))
def test_a_rule_set_has_one_order(some: list[Rule], random: object) -> None:
    other = list(some)
    random.shuffle(other)  # type: ignore[attr-defined]  # a Random
    by_identity = [rule.identity for rule in RuleSet.of((), some).rules]
    assert by_identity == [rule.identity for rule in RuleSet.of((), other).rules]


def test_a_rule_set_lists_groups_in_the_documents_order_and_others_first() -> None:
    keys: list[GroupKey | str] = [
        GroupKey("b", "etcd"),
        GroupKey("a", "worker"),
        GroupKey("a", "rancher"),
        GroupKey("a", "own"),
        "sg-01234567",
    ]
    assert [str(group) for group in RuleSet.of(keys, ()).groups] == [
        "sg-01234567",
        "a/rancher",
        "a/worker",
        "a/own",
        "b/etcd",
    ]


def test_the_nearest_name_is_what_a_typo_meant() -> None:
    names = ["load_balancer", "registries"]
    assert nearest("load_balancr", names) == "load_balancer"
    assert nearest("Registries", names) == "registries"
    assert nearest("x", names) is None
    assert nearest(3, names) is None
    assert one_of([]) == "nothing here"


def test_values_are_shown_on_one_short_line() -> None:
    assert shown("a\nb\x1b[31m\u202e") == r'"a\nb\u001b[31m\u202e"'
    assert shown("x" * 1000) == '"' + "x" * 76 + "..."
    assert shown({"a": {1}}) == '{"a": "{1}"}'
    assert shown([object()]) == '["<object>"]'


def test_faults_say_where_they_are_seen_from_further_out() -> None:
    fault = Fault("cidr", "x", "y")
    assert fault.under("peers.office").under("f.json:").place == "f.json: peers.office.cidr"
    assert Fault("[0]", "x", "y").under("slots.a").place == "slots.a[0]"
    assert Fault("", "x", "y").under("f.json:").place == "f.json"
    assert str(Fault("", "x", "y", "z")) == 'x: expected y; did you mean "z"?'
    assert fault.under("").place == "cidr"


def test_an_input_error_is_a_value_error_that_carries_its_faults() -> None:
    faults = Faults()
    faults.raise_any()
    faults.add("a", 1, "b")
    faults.missing("c", "d")
    with pytest.raises(ValueError, match="2 faults:\n  a: 1: expected b\n  c: nothing: expected d") as raised:
        faults.raise_any()
    assert isinstance(raised.value, InputError)
    assert len(raised.value.faults) == 2
    with pytest.raises(ValueError, match="at least one fault"):
        InputError([])


def test_roles_and_vpc_ids_are_checked() -> None:
    with pytest.raises(InputError, match='role: "etc": expected one of rancher.*did you mean "etcd"'):
        check_role("etc", "role")
    check_role("etcd", "role")
    check_vpc_id("${data.aws_vpc.default.id}", "vpc_id")
    with pytest.raises(InputError, match="vpc_id: 3"):
        check_vpc_id(3, "vpc_id")


def test_a_binding_across_the_line_can_be_undone() -> None:
    own = Binding.own("prod", "etcd")
    assert own.across() == own


@pytest.mark.parametrize(
    ("group", "add_rules", "places"),
    [
        ("sg-1", False, ["security_group_id"]),
        (None, False, ["security_group_id"]),
        ("sg-01234567", "no", ["add_rules"]),
        ("sg-01234567", None, ["add_rules"]),
        ("pl-01234567", 1, ["security_group_id", "add_rules"]),
        ("123456789012/sg-01234567", True, ["security_group_id"]),
    ],
)
def test_a_brought_group_has_an_id_and_says_yes_or_no(group: str, add_rules: bool, places: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        BroughtGroup(group, add_rules)
    assert [fault.place for fault in refused.value.faults] == places


@pytest.mark.parametrize(
    ("group", "add_rules"),
    [("sg-01234567", True), ("123456789012/sg-01234567", False), ("${a/b.id}", True), ("${a.id}", False)],
)
def test_a_brought_group_may_be_anothers_or_unknown_until_apply(group: str, add_rules: bool) -> None:
    assert BroughtGroup(group, add_rules).security_group_id == group


def test_a_role_is_realised_by_the_group_brought_for_it_or_by_one_of_ours() -> None:
    bindings = bind("prod", ["etcd", "worker"], {"etcd": BroughtGroup("sg-01234567", add_rules=True)})
    assert bindings == {
        "etcd": Binding(GroupKey("prod", "etcd"), brought="sg-01234567", writes=True),
        "worker": Binding(GroupKey("prod", "worker"), brought=None, writes=True),
    }
    assert not bind("prod", ["etcd"], {"etcd": BroughtGroup("sg-01234567")})["etcd"].writes


def test_each_role_has_a_group_of_its_own_as_far_as_is_known() -> None:
    check_groups({"etcd": "sg-01234567", "worker": "sg-01234568", "rancher": None, "controlplane": None})
    check_groups({"etcd": "${a.id}", "worker": "${a.id}"})
    with pytest.raises(InputError, match=r'^worker: "sg-01234567": expected a group of its own .* \(etcd has it'):
        check_groups({"etcd": "sg-01234567", "rancher": None, "worker": "sg-01234567"})


@pytest.mark.parametrize("name", ["a", "prod-1.example_x", "a:b/c=d+e@f", "x" * 105])
def test_a_cluster_has_a_name_that_fits_into_a_tag(name: str) -> None:
    assert len("kubernetes.io/cluster/" + name) <= 127
    check_kubernetes_cluster(name, "kubernetes_cluster")


@pytest.mark.parametrize("name", ["", "a b", "a\n", "büro", "a*", "x" * 106, None, 3, True])
def test_what_no_tag_can_hold_is_no_clusters_name(name: object) -> None:
    with pytest.raises(InputError, match="kubernetes_cluster: .*a cluster's name of 1 to 105 letters"):
        check_kubernetes_cluster(name, "kubernetes_cluster")


def test_the_tag_that_one_group_of_a_node_carries_alone_is_none_for_all() -> None:
    check_tags({"kubernetes.io/role": "x", "team": "y"}, "tags")
    with pytest.raises(InputError, match='tags: "kubernetes.io/cluster/prod": .*kubernetes_cluster sees to that'):
        check_tags({"kubernetes.io/cluster/prod": "owned"}, "tags")
