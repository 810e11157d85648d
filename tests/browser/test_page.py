"""The page in a browser: what is looked for is shown, by mouse and by keys, in either theme, on paper, to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from rancher_ports.model.ports import Port
from rancher_ports.render.page import contents
from tests.browser import examples
from tests.browser.conftest import AXE, Open

Ends = tuple[str, str]


def _pairs(page: contents.Page) -> Iterator[tuple[Ends, contents.Pair]]:
    for group in page.groups:
        for pair in group.pairs:
            yield (page.ends[pair.source].name, page.ends[pair.destination].name), pair


def _listed(tab: Page) -> set[Ends]:
    """The pairs that the list shows."""
    script = """all => all.filter(one => one.checkVisibility())
      .map(one => Array.from(one.querySelectorAll("code"), end => end.textContent))"""
    return {(source, to) for source, to in tab.eval_on_selector_all("summary", script)}


def _celled(tab: Page) -> set[Ends]:
    """The pairs that the matrix shows, by the heads of their rows and columns; heads of nothing are not there."""
    script = """table => {
      const heads = [...table.rows[0].cells].map(one => one.textContent);
      const shown = [...table.querySelectorAll("tbody a")].filter(one => one.checkVisibility());
      const named = cell => [cell.parentElement.cells[0].textContent, heads[cell.cellIndex]];
      const ends = shown.map(link => named(link.parentElement));
      const there = [...table.querySelectorAll("th")].filter(one => one.checkVisibility())
        .map(one => [one.scope, one.textContent]);
      return [ends, there];
    }"""
    ends, heads = tab.eval_on_selector("#matrix", script)
    found = {(source, to) for source, to in ends}
    expected = {*(("row", source) for source, _ in found), *(("col", to) for _, to in found)}
    assert {(scope, name) for scope, name in heads} == expected
    return found


def _has(pair: contents.Pair, *ports: str) -> bool:
    """Whether one of some ports is within what may pass, as a whole."""
    wanted = [Port.parse(port).span for port in ports]
    return any(first <= low and high <= last for low, high in wanted for first, last in pair.points)


def _touches(pair: contents.Pair, port: str) -> bool:
    low, high = Port.parse(port).span
    return any(first <= high and low <= last for first, last in pair.points)


_PORTS: dict[str, Callable[[contents.Pair], bool]] = {
    "443": lambda pair: _has(pair, "443/tcp", "443/udp"),
    "443/tcp": lambda pair: _has(pair, "443/tcp"),
    " 8472/UDP ": lambda pair: _has(pair, "8472/udp"),
    "30080": lambda pair: _has(pair, "30080/tcp", "30080/udp"),
    "30000-32767/tcp": lambda pair: _has(pair, "30000-32767/tcp"),
    "29999-30000/tcp": lambda pair: _has(pair, "29999-30000/tcp"),
    "tcp": lambda pair: _touches(pair, "all/tcp"),
    "icmp": lambda pair: _touches(pair, "all/icmp"),
    "8/icmp": lambda pair: _touches(pair, "8-all/icmp"),
    "all": lambda pair: _has(pair, "all"),
    "all/udp": lambda pair: _has(pair, "all/udp"),
    "50": lambda pair: _has(pair, "50/tcp", "50/udp"),
    "all/50": lambda pair: _has(pair, "all/50"),
}


@pytest.mark.parametrize("name", ["sheet", "mixed"])
def test_by_port(name: str, opened: Open) -> None:
    of = list(_pairs(getattr(examples, name)()))
    with opened(name) as tab:
        for text, is_meant in _PORTS.items():
            tab.fill("#port", text)
            expected = {ends for ends, pair in of if is_meant(pair)}
            assert _listed(tab) == _celled(tab) == expected, text
            shown = f"{len(expected)} of" if len(expected) < len(of) else "All"
            assert _status(tab) == f"{shown} {len(of)} shown"


def test_what_is_no_port_is_said_and_hides_nothing(opened: Open) -> None:
    with opened("sheet") as tab:
        everything = _listed(tab)
        for text in ("x", "443/", "70000", "5-4", "1/tcp/udp", "999/999"):
            tab.fill("#port", text)
            assert _status(tab).startswith(f'"{text}" is no port such as 443'), text
            assert tab.get_attribute("#port", "aria-invalid") == "true"
            assert _listed(tab) == everything
        tab.fill("#port", "443")
        assert tab.get_attribute("#port", "aria-invalid") is None


@pytest.mark.parametrize("name", ["sheet", "mixed"])
def test_by_role_by_name_and_by_verdict(name: str, opened: Open) -> None:
    page: contents.Page = getattr(examples, name)()
    of = list(_pairs(page))
    roles = {end.name: end.role for end in page.ends}
    with opened(name) as tab:
        for option in _options(tab, "end")[::2]:
            tab.select_option("#end", option)
            kind, _, meant = option.partition(":")
            expected = {e for e, _ in of if not kind or meant in ([roles[end] for end in e] if kind == "role" else e)}
            assert _listed(tab) == _celled(tab) == expected, option
        tab.select_option("#end", "")
        for option in _options(tab, "verdict"):
            tab.select_option("#verdict", option)
            assert _listed(tab) == _celled(tab) == {e for e, pair in of if not option or option in pair.labels}, option
        tab.select_option("#verdict", "")
        for text in ("WORK", "203.0.113", "none of them"):
            tab.fill("#name", text)
            assert _listed(tab) == {ends for ends, _ in of if any(text.lower() in end.lower() for end in ends)}, text


def test_filters_together_are_in_the_address_and_can_be_reset(opened: Open) -> None:
    of = list(_pairs(examples.mixed()))
    roles = {end.name: end.role for end in examples.mixed().ends}
    with opened("mixed") as tab:
        everything = _listed(tab)
        tab.select_option("#end", "role:worker")
        tab.fill("#port", "443")
        tab.select_option("#verdict", "changed")
        expected = {
            ends
            for ends, pair in of
            if "worker" in map(roles.get, ends) and _has(pair, "443/tcp", "443/udp") and "changed" in pair.labels
        }
        assert _listed(tab) == _celled(tab) == expected
        assert set() < expected < everything
        fragment = tab.evaluate("location.hash")
        tab.click("button[type=reset]")
        tab.wait_for_function("location.hash === ''")
        assert _listed(tab) == _celled(tab) == everything
        assert _status(tab) == f"All {len(everything)} shown"
    with opened("mixed", fragment) as tab:
        assert _listed(tab) == expected
        assert tab.input_value("#port") == "443"
    with opened("mixed", "#end=role:none&verdict=x&port=443%2Ftcp&y=z") as tab:
        assert _listed(tab) == {ends for ends, pair in of if _has(pair, "443/tcp")}


def test_cells_show_either_time(opened: Open) -> None:
    with opened("mixed") as tab:
        cell = tab.locator("tbody td", has_text="opened to the world").first
        assert "+443/tcp" in cell.inner_text()
        both = tab.locator("#matrix").inner_text()
        assert "?+443/tcp" in both
        tab.select_option("#cells", "before")
        assert tab.locator("tbody ins:visible").count() == 0
        assert tab.locator("tbody del:visible").count() > 0
        # What may be opened is not there before, nor what may be closed afterwards.
        assert "+" not in tab.locator("#matrix").inner_text()
        tab.select_option("#cells", "after")
        assert "+443/tcp" in cell.inner_text()
        assert tab.locator("tbody del:visible").count() == 0
        assert not re.search(r"(^|\s)\??-", tab.locator("#matrix tbody").inner_text())
        tab.select_option("#cells", "")
        assert tab.locator("#matrix").inner_text() == both


def test_what_is_documented_stands_under_its_head(opened: Open) -> None:
    """In the list: ends under "From and to", ports under those of their time."""
    left = "one => Math.round(one.getBoundingClientRect().left)"
    for name, columns in (
        ("sheet", {".ends": 0, ".ports": 1}),
        ("world", {".ends": 1, ".ports": 2, ".ports + .ports": 3}),
    ):
        with opened(name) as tab:
            group = tab.locator(".group").first
            heads = [head.evaluate(left) for head in group.locator(".heads > span").all()]
            assert heads == sorted(set(heads))
            for selector, column in columns.items():
                found = {one.evaluate(left) for one in group.locator(f"summary {selector}").all()}
                first = {heads[2], heads[3]} if (name, selector) == ("world", ".ports") else {heads[column]}
                assert found == first, (name, selector)


def test_before_stands_before_after(opened: Open) -> None:
    with opened("world") as tab:
        said = tab.locator(".group").first.locator("summary").first.locator(".ports")
        assert [one.text_content().split(":")[0] for one in said.all()] == ["before", "after"]  # type: ignore[union-attr]  # there is text
        tab.set_viewport_size({"width": 390, "height": 700})
        assert [one.inner_text().split(":")[0].strip() for one in said.all()] == ["before", "after"]


def test_cells_that_change_are_coloured_as_well(opened: Open) -> None:
    with opened("world") as tab:
        paper = "one => getComputedStyle(one).backgroundColor"
        changed = tab.locator("tbody td", has_text="opened to the world").first.evaluate(paper)
        assert changed not in {one.evaluate(paper) for one in tab.locator("tbody td.unchanged").all()}


def test_groups_of_which_nothing_is_shown_are_not_there(opened: Open) -> None:
    with opened("mixed") as tab:
        tab.select_option("#verdict", "unchanged")
        assert [one.get_attribute("id") for one in tab.locator(".group h3:visible").all()] == ["unchanged"]


def test_what_the_keys_lead_to_is_not_under_what_stays_in_place(opened: Open) -> None:
    with opened("large") as tab:
        tab.set_viewport_size({"width": 900, "height": 600})
        tab.locator("tbody a").first.focus()
        for key, back in (("ArrowDown", "ArrowUp"), ("ArrowRight", "ArrowLeft")):
            for _ in range(20):
                tab.keyboard.press(key)
            for _ in range(12):
                tab.keyboard.press(back)
                assert tab.evaluate(
                    """() => {
                      const { left, top } = document.activeElement.getBoundingClientRect();
                      return document.elementFromPoint(left + 8, top + 8)?.closest("a") === document.activeElement;
                    }"""
                ), back
        tab.locator(".jumps a").last.click()
        bar = tab.locator("#filters").bounding_box()
        name = tab.evaluate("location.hash.slice(1)")
        # The page may scroll smoothly.
        tab.wait_for_function(
            f"document.getElementById('{name}').getBoundingClientRect().top >= {bar['height']}"  # type: ignore[index]  # it is shown
            f" && document.getElementById('{name}').getBoundingClientRect().top < innerHeight"
        )


def test_the_panel_closes_where_somebody_clicks_beside_it_and_nowhere_else(opened: Open) -> None:
    with opened("sheet") as tab:
        panel = tab.get_by_role("dialog")
        tab.locator("tbody a").first.click()
        box = panel.bounding_box()
        assert box
        inside, outside = (box["x"] + 4, box["y"] + 4), (box["x"] - 9, box["y"] + 20)
        tab.mouse.click(*inside)
        assert panel.is_visible()
        tab.mouse.move(*inside)
        tab.mouse.down()
        tab.mouse.move(*outside)
        tab.mouse.up()
        assert panel.is_visible()
        tab.mouse.click(*outside)
        assert not panel.is_visible()


def test_with_a_modifier_a_cell_is_a_link_like_any(opened: Open) -> None:
    with opened("sheet") as tab:
        tab.locator("tbody a").first.click(modifiers=["Control"])
        assert not tab.get_by_role("dialog").is_visible()


def _options(tab: Page, name: str) -> list[str]:
    return list(tab.eval_on_selector_all(f"#{name} option", "all => all.map(one => one.value)"))


def _status(tab: Page) -> str:
    return str(tab.locator("#status").inner_text())


# By keys alone.

# How an element is called where it is compared.
_CALLED = "one => `${one.tagName} ${one.id || one.hash || one.textContent}`"


def test_tab_leads_to_everything_that_does_something(opened: Open) -> None:
    with opened("world") as tab:
        every = tab.eval_on_selector_all(
            "a, button, input, select, summary, [tabindex='0']",
            f"all => all.filter(one => one.checkVisibility() && !one.closest('dialog')).map({_CALLED})",
        )
        reached = []
        for _ in every:
            tab.keyboard.press("Tab")
            reached.append(tab.evaluate(f"({_CALLED})(document.activeElement)"))
            outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", reached[-1]
        assert sorted(reached) == sorted(every)


def test_the_first_key_skips_to_the_content(opened: Open) -> None:
    with opened("sheet") as tab:
        tab.keyboard.press("Tab")
        skip = tab.locator(".skip")
        assert skip.bounding_box()["y"] >= 0  # type: ignore[index]  # it is shown
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main"


def test_a_cell_opens_its_details_and_escape_leads_back(opened: Open) -> None:
    with opened("sheet") as tab:
        link = tab.locator("tbody a").first
        link.focus()
        tab.keyboard.press("Enter")
        panel = tab.get_by_role("dialog")
        assert panel.is_visible()
        title = panel.get_by_role("heading", level=2).inner_text()
        assert panel.get_attribute("aria-labelledby") == "panel-title"
        assert tab.evaluate("document.activeElement.closest('dialog') !== null")
        source, _, destination = title.partition(" to ")
        details = next(pair for ends, pair in _pairs(examples.sheet()) if ends == (source, destination)).details
        said = panel.inner_text()
        assert all(entry.text in said for part in details for entry in part.entries)
        assert all(text in said for part in details for entry in part.entries for text in entry.more)
        tab.keyboard.press("Escape")
        assert not panel.is_visible()
        assert link.evaluate("one => one === document.activeElement")
        # The list is where the link leads to without scripts, and from the details with them.
        tab.keyboard.press("Enter")
        panel.get_by_role("link", name="Show it in the list").press("Enter")
        shown = tab.locator("details[open]")
        assert [shown.locator("summary code").nth(place).inner_text() for place in (0, 1)] == [source, destination]
        tab.wait_for_function("document.activeElement.parentElement.matches('details[open]')")


def test_arrows_lead_from_cell_to_cell(opened: Open) -> None:
    with opened("sheet") as tab:
        at = "document.activeElement.parentElement"
        tab.locator("tbody tr", has=tab.get_by_role("rowheader", name="etcd", exact=True)).locator("a").first.focus()
        start = tab.evaluate(f"[{at}.parentElement.rowIndex, {at}.cellIndex]")
        for key, there in {"ArrowRight": (0, 1), "ArrowDown": (1, 0), "ArrowLeft": (0, -1), "ArrowUp": (-1, 0)}.items():
            row, column = tab.evaluate(f"[{at}.parentElement.rowIndex, {at}.cellIndex]")
            tab.keyboard.press(key)
            now = tab.evaluate(f"[{at}.parentElement.rowIndex, {at}.cellIndex]")
            assert now == [row + there[0], column + there[1]], key
        assert now == start
        for _ in range(20):
            tab.keyboard.press("ArrowLeft")
        assert tab.evaluate(f"{at}.cellIndex") == 1


def test_details_in_the_list_open_by_key_and_the_address_of_one_opens_it(opened: Open) -> None:
    with opened("mixed") as tab:
        first = tab.locator("summary").first
        first.focus()
        tab.keyboard.press("Enter")
        assert tab.locator("details").first.get_attribute("open") is not None
        tab.keyboard.press("Space")
        assert tab.locator("details").first.get_attribute("open") is None
        # Of one that is not shown, everything is shown again.
        tab.select_option("#verdict", "unchanged")
        tab.evaluate("location.hash = '#p0'")
        tab.wait_for_selector("details:has(#p0)[open]")
        assert tab.input_value("#verdict") == ""
        tab.wait_for_timeout(50)
        assert tab.evaluate("location.hash") == "#p0"


# For everybody, anywhere.


def _violations(tab: Page) -> list[tuple[str, Any]]:
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE.read_text("utf-8") + ";0")
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found]


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        ("sheet", "light"),
        ("sheet", "dark"),
        ("mixed", "light"),
        ("mixed", "dark"),
        ("nothing", "dark"),
    ],
)
def test_no_rule_of_accessibility_is_violated(name: str, theme: Any, opened: Open) -> None:
    with opened(name, color_scheme=theme) as tab:
        assert _violations(tab) == []
        if name == "mixed":  # what is on demand
            tab.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
            tab.fill("#port", "x")
            assert _violations(tab) == []
            tab.fill("#port", "")
            tab.locator("tbody a").first.click()
            assert _violations(tab) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_the_systems_until_somebody_chooses(theme: Any, opened: Open) -> None:
    other = {"light": "dark", "dark": "light"}[theme]
    paper = "getComputedStyle(document.body).backgroundColor"
    with opened("sheet", color_scheme=theme) as tab:
        before = tab.evaluate(paper)
        button = tab.get_by_role("button", name=f"{other.title()} theme")
        button.press("Enter")
        assert tab.evaluate(paper) != before
        tab.get_by_role("button", name=f"{theme.title()} theme").click()
        assert tab.evaluate(paper) == before


def test_without_scripts_everything_is_there(opened: Open) -> None:
    every = {ends for ends, _ in _pairs(examples.mixed())}
    # What is evaluated is run all the same.
    with opened("mixed", java_script_enabled=False) as tab:
        assert _listed(tab) == _celled(tab) == every
        assert not tab.locator("#filters, #theme, dialog").locator("visible=true").count()
        tab.locator("tbody a").first.click()
        assert tab.locator("details[open]").count() == 1
        assert tab.locator("details[open] > div").is_visible()


@pytest.mark.parametrize("name", ["sheet", "mixed"])
def test_on_paper_everything_is_black_on_white(name: str, opened: Open) -> None:
    of = dict(_pairs(getattr(examples, name)()))
    with opened(name, color_scheme="dark") as tab:
        tab.click("#theme")
        tab.click("#theme")
        tab.emulate_media(media="print")
        assert _listed(tab) == set(of)
        assert not tab.locator("button, input, select, .skip, .jumps, dialog").locator("visible=true").count()
        hidden = tab.eval_on_selector_all(
            "details > div", "all => all.filter(one => !one.checkVisibility({contentVisibilityAuto: true})).length"
        )
        assert hidden == 0
        texts = tab.eval_on_selector_all(
            "main *", "all => all.map(one => getComputedStyle(one)).map(one => [one.color, one.backgroundColor])"
        )
        assert {color for color, _ in texts} <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}
        assert {paper for _, paper in texts} <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
        width, room = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room


def test_a_matrix_too_wide_for_paper_is_left_to_the_list_and_that_is_said(opened: Open) -> None:
    with opened("large") as tab:
        said = "getComputedStyle(document.querySelector('.scroll'), '::before').content"
        assert tab.evaluate(said) == "none"
        tab.emulate_media(media="print")
        assert not tab.locator("#matrix").is_visible()
        assert "more columns than a sheet of paper" in tab.evaluate(said)


def test_printing_opens_what_is_closed_and_closes_it_again(opened: Open) -> None:
    with opened("mixed") as tab:
        tab.locator("summary").nth(1).click()
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert tab.locator("details:not([open])").count() == 0
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert tab.locator("details[open]").count() == 1


@pytest.mark.parametrize("name", [name for name in examples.EXAMPLES if name != "large"])
def test_on_a_narrow_screen_nothing_but_the_matrix_scrolls_sideways(name: str, opened: Open) -> None:
    with opened(name) as tab:
        tab.set_viewport_size({"width": 320, "height": 640})
        assert tab.evaluate("document.documentElement.scrollWidth") == 320
        if tab.locator("tbody a").count():
            tab.locator("tbody a").first.click()
            box = tab.get_by_role("dialog").bounding_box()
            assert box
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 320


def test_with_forced_colours_what_changes_is_still_marked(opened: Open) -> None:
    with opened("world", forced_colors="active") as tab:
        outline = "one => getComputedStyle(one).outlineStyle"
        assert tab.locator("tbody td", has_text="opened to the world").first.evaluate(outline) == "solid"
        assert tab.locator("tbody td.unchanged").first.evaluate(outline) == "none"


# Whoever means harm.


def test_names_that_mean_harm_are_seen_and_do_nothing(opened: Open) -> None:
    with opened("hostile") as tab:
        assert tab.locator("script").count() == 1
        assert tab.locator("img, svg, iframe, object, body > style").count() == 0
        handlers = "all => all.flatMap(one => [...one.attributes]).filter(one => one.name.startsWith('on')).length"
        assert tab.eval_on_selector_all("*", handlers) == 0
        for text in examples.HARM:
            assert text in tab.locator(".findings").inner_text()
        for link in tab.locator("tbody a").all()[:6]:
            link.click()
            tab.keyboard.press("Escape")
        for option in _options(tab, "end")[:6]:
            tab.select_option("#end", option)
        assert tab.locator("body").is_visible()


def test_no_other_script_or_style_may_run(opened: Open) -> None:
    def try_everything() -> None:
        with opened("world") as tab:
            tab.evaluate(_EVERYTHING)
            tab.wait_for_function("refused.length >= 4")
            assert tab.evaluate("window.ran") is None
            refused = set(tab.evaluate("refused"))
            assert {re.sub("-(elem|attr)$", "", one) for one in refused} == {"img-src", "script-src", "style-src"}

    # The browser says so on the console, which is what pages must not make it do otherwise.
    with pytest.raises(AssertionError, match="Content Security Policy"):
        try_everything()


_EVERYTHING = """() => {
  window.refused = [];
  addEventListener("securitypolicyviolation", one => refused.push(one.effectiveDirective));
  document.body.insertAdjacentHTML("beforeend", "<img src='https://example.invalid/x' onerror='window.ran = 1'>");
  const script = document.createElement("script");
  script.textContent = "window.ran = 1";
  document.body.append(script);
  document.body.setAttribute("style", "color: red");
}"""


# However large.


def test_a_thousand_rules_can_be_looked_through(opened: Open) -> None:
    of = list(_pairs(examples.large()))
    with opened("large") as tab:
        assert len(_listed(tab)) == len(of)
        tab.select_option("#end", "name:cluster-3/etcd")
        assert _listed(tab) == {ends for ends, _ in of if "cluster-3/etcd" in ends}


def test_what_has_no_room_is_said_wherever_one_looks_for_something(opened: Open) -> None:
    of = list(_pairs(examples.large()))
    with opened("cut") as tab:
        listed = tab.locator("details[data-p]").count()
        assert 0 < listed < len(of)
        left = f"; {len(of) - listed:,} more have no room on this page, and are not looked at"
        assert _status(tab) == f"All {listed:,} shown{left}"
        tab.fill("#port", "1/udp")
        assert _status(tab).endswith(f" of {listed:,} shown{left}")
