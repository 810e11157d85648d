"""What a reviewer has, parsed."""

from __future__ import annotations

import gc

from rancher_ports.readers.sources import parse


def test_a_document_is_parsed_without_looking_for_garbage_and_all_is_as_it_was() -> None:
    was = gc.isenabled()
    try:
        for before in (gc.enable, gc.disable):
            before()
            enabled = gc.isenabled()
            assert parse(b'{"a": [1]}') == {"a": [1]}
            assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
