"""What the users of the goldens asked for, by situation."""

from __future__ import annotations

from tests.documented import SLOTS
from tests.engine.expected import Wish
from tests.engine.starting_point import OTHER_ACCOUNTS_GROUP, PREFIX_LIST, THEIR_GROUP

OFFICE, OFFICE_V6 = "203.0.113.0/24", "2001:db8::/48"

WISHES = {
    "shipped-settings": Wish("rancher", ("rancher",), {"ui_api_clients": [OFFICE]}),
    "office-load-balancer-and-mirrors": Wish(
        "rancher",
        ("rancher",),
        {"load_balancer": [THEIR_GROUP], "ui_api_clients": [OFFICE, OFFICE_V6]},
        {"rancher": [PREFIX_LIST]},
    ),
    "everything-set": Wish(
        "prod",
        ("prod",),
        {
            "load_balancer": [OTHER_ACCOUNTS_GROUP],
            "ui_api_clients": [OFFICE],
            "git_rancher_io": ["35.167.242.46/32", OFFICE],
            "nodeport_clients": [OFFICE, OTHER_ACCOUNTS_GROUP],
        },
        {"prod": [OFFICE]},
        one_sided="documented",
        egress_all=True,
    ),
    "one-office-in-every-slot": Wish(
        "rancher",
        ("rancher",),
        {slot: ["192.0.2.192/26", "2001:db8::f:0/112"] for slot in (*SLOTS.values(), "git_rancher_io")},
    ),
}
