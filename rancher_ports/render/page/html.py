"""The page as one HTML file that asks nobody for anything; its style and its script are the only ones that may run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import accumulate

from rancher_ports.errors import refuse
from rancher_ports.model.intervals import Intervals
from rancher_ports.render.page.contents import End, Entry, Group, Page, Pair, Part, Ports
from rancher_ports.render.page.markup import Markup, element, joined
from rancher_ports.render.page.matrix import Matrix, matrix

# What mails and wikis take, and a browser lays out at once.
LIMIT = 500_000
# In which everything that does not grow with a plan has room.
_LEAST = 100_000
# What stands around the rows of the matrix and the pairs of the list.
_FRAME = 6_000
_IN_A_CELL = 16
_CHOICES = 200
# More columns have no room on a sheet of paper; the list below has it all.
_ON_PAPER = 8
# Of these the name of the group says no more than that nothing is to be said.
_PLAIN = ("unchanged", "documented")
_TAGS = {
    "opened": ("ins",),
    "closed": ("del",),
    "perhaps-opened": ("ins", "i"),
    "perhaps-closed": ("del", "i"),
    "perhaps": ("i",),
    "one-sided": ("em",),
    "stays": ("span",),
}


def to_html(page: Page, *, limit: int = LIMIT) -> str:
    """A page as HTML, the same text at every run; what has no room is counted.

    Args:
        page: what it says.
        limit: how many bytes of UTF-8 there are at most, from 100,000.

    Raises:
        InputError: the limit is less than that.
    """
    if limit < _LEAST:
        raise refuse("limit", limit, f"at least {_LEAST:,} bytes")
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    first, last = (joined(*(_part(part, limit // 12) for part in parts)) for parts in (page.first, page.last))
    filters = _filters(page, limit // 20) if page.ends else Markup()
    head, header, footer = _head(page, style, script), _header(page), _footer(script)
    fixed = sum(map(_size, (head, header, first, filters, last, footer)))
    # The list comes first, then the matrix; what is left is for details, for which something is put by.
    room = limit - fixed - _FRAME
    put_by = room // 16
    shown = _shown(page, room * 4 // 5)
    of_matrix, cells = _matrix(page, shown, room - shown.size - put_by)
    # All that the matrix links to stays in the list.
    shown = _shown(page, max(shown.size, room - _size(of_matrix) - put_by))
    left = len(shown.pairs) - cells
    more = element("p", f"and {left:,} more, which stand in the list alone", class_="left-out") if left else ""
    of_list = _list(page, shown, room - _size(of_matrix) - shown.size)
    body = element("main", first, filters, of_matrix, more, of_list, last, id="main", tabindex="-1")
    return joined(head, header, body, footer, between="\n")


def _size(text: str) -> int:
    return len(text.encode()) + 1


def _head(page: Page, style: str, script: str) -> Markup:
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return joined(
        Markup('<!doctype html>\n<html lang="en">'),
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{page.heading} \u2013 {page.command}"),
        element("link", rel="icon", href="data:,"),
        element("style", Markup(style)),
        between="\n",
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _header(page: Page) -> Markup:
    gravest = page.groups[0].token if page.is_change and page.groups else "plain"
    jumps = [
        element("a", group.name, href=f"#{group.token}", class_=f"badge {group.token}")
        for group in page.groups
        if page.is_change
    ]
    return element(
        "header",
        element("a", "To the content", href="#main", class_="skip"),
        element("p", page.command, class_="command"),
        element("button", "Dark", type="button", id="theme", hidden=True),
        element("h1", page.heading),
        element("p", *_spaced(jumps), class_="jumps") if jumps else "",
        element("p", page.counts, class_="counts") if page.counts else "",
        class_=gravest,
    )


def _footer(script: str) -> Markup:
    panel = element(
        "dialog",
        element("button", "Close", type="button", id="close"),
        element("h2", id="panel-title"),
        element("div", id="panel-body"),
        element("p", element("a", "Show it in the list", id="panel-link", href="#main")),
        id="panel",
        aria_labelledby="panel-title",
    )
    return joined(panel, element("script", Markup(script)), Markup("</html>\n"), between="\n")


def _spaced(pieces: Iterable[Markup]) -> list[Markup]:
    """Pieces with blanks between them, where style alone would leave them apart."""
    return [joined(*pieces, between=" ")]


def _part(part: Part, room: int) -> Markup:
    """A list under its title, as far as there is room."""
    title = part.title.lower().replace(" ", "-")
    entries = _fitting(part.entries, _entry, room)
    left = len(part.entries) - len(entries)
    more = [element("li", f"and {left:,} more")] if left else []
    return element(
        "section",
        element("h2", part.title, id=title),
        element("ul", *entries, *more),
        aria_labelledby=title,
        class_=f"part {title}",
    )


def _entry(entry: Entry) -> Markup:
    more = [element("ul", *(element("li", text) for text in entry.more))] if entry.more else []
    return element("li", entry.text, *more)


def _fitting(values: Sequence[Entry], written: Callable[[Entry], Markup], room: int) -> list[Markup]:
    """What is written of values, up to the first for which there is no room."""
    found: list[Markup] = []
    for value in values:
        made = written(value)
        room -= _size(made)
        if room < 0:
            break
        found.append(made)
    return found


def _filters(page: Page, room: int) -> Markup:
    """Controls, which do something where scripts run, and are hidden elsewhere."""
    roles = dict.fromkeys(end.role for end in page.ends if end.role)
    groups = dict.fromkeys(end.group for end in page.ends if end.group and end.group not in roles)
    choices = [("Roles", "role", list(roles)), ("Groups" if page.is_change else "Slots", "name", list(groups))]
    options = [element("option", "anybody", value="")]
    for title, key, names in choices:
        some = _choices(key, names, room)
        options += [element("optgroup", *some, label=title)] if some else []
    labels = [element("option", "any", value="")]
    labels += [element("option", text, value=label) for label, text in page.labels.items()]
    cells = [("", "before and after"), ("before", "before"), ("after", "after")]
    controls = [
        _control("Role or group", element("select", *options, name="end", id="end"), "end"),
        _control("Name contains", element("input", type="search", name="name", id="name", autocomplete="off"), "name"),
        _control(
            "Port",
            element("input", type="search", name="port", id="port", autocomplete="off", placeholder="443, 53/udp, tcp"),
            "port",
        ),
        _control(page.labels_title, element("select", *labels, name="verdict", id="verdict"), "verdict"),
    ]
    if page.is_change:
        of = [element("option", text, value=value) for value, text in cells]
        controls.append(_control("Cells show", element("select", *of, name="cells", id="cells"), "cells"))
    return element(
        "form",
        *controls,
        element("button", "Reset", type="reset"),
        element("p", id="status", role="status"),
        id="filters",
        aria_label="Filters",
        hidden=True,
    )


def _choices(key: str, names: Sequence[str], room: int) -> list[Markup]:
    """Names to choose from, as far as there is room; any other can be typed."""
    found = [element("option", name, value=f"{key}:{name}") for name in names[:_CHOICES]]
    sizes = accumulate(map(_size, found))
    return [option for option, size in zip(found, sizes, strict=True) if size <= room]


def _control(title: str, control: Markup, id_: str) -> Markup:
    return element("p", element("label", title, for_=id_), control)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The pairs for which there is room: each with its group, and as the list has it without details."""

    pairs: tuple[Pair, ...]
    groups: tuple[Group, ...]
    written: tuple[Markup, ...]

    @property
    def size(self) -> int:
        """How many bytes they take."""
        return sum(map(_size, self.written))


def _shown(page: Page, room: int) -> _Shown:
    pairs: list[Pair] = []
    groups: list[Group] = []
    written: list[Markup] = []
    for group in page.groups:
        for pair in group.pairs:
            made = _pair(page, group, pair, _details(len(pairs)))
            room -= _size(made)
            # What is less grave does not take the room of what had none.
            if room < 0:
                return _Shown(tuple(pairs), tuple(groups), tuple(written))
            pairs.append(pair)
            groups.append(group)
            written.append(made)
    return _Shown(tuple(pairs), tuple(groups), tuple(written))


def _matrix(page: Page, shown: _Shown, room: int) -> tuple[Markup, int]:
    """The matrix, as far as there is room, and how many pairs have a cell in it."""
    # The columns of many pairs may leave no room for a row.
    some = [shown.pairs[: len(shown.pairs) >> halved] for halved in range(len(shown.pairs).bit_length() or 1)]
    found, rows, cells = max((_rows(page, shown, matrix(pairs), room) for pairs in some), key=lambda made: made[2])
    ends = [page.ends[place] for place in (*found.rows, *found.columns)]
    section = element(
        "section",
        element("h2", "Who reaches whom", id="who"),
        _legend(page, ends) if ends else "",
        element(
            "div",
            element(
                "table",
                element("caption", "Rows are who begins, columns who answers. Arrow keys lead from cell to cell."),
                element("thead", rows[0]),
                element("tbody", *(joined(row, "\n") for row in rows[1:])),
                id="matrix",
                class_="wide" if len(found.columns) > _ON_PAPER else None,
            ),
            class_="scroll",
            role="region",
            aria_label="Matrix",
            tabindex="0",
        )
        if shown.pairs
        else element("p", "Nobody reaches anybody."),
        aria_labelledby="who",
    )
    return section, cells


def _rows(page: Page, shown: _Shown, found: Matrix, room: int) -> tuple[Matrix, list[Markup], int]:
    """A matrix, its rows as far as there is room, the columns' heads first, and how many cells these have."""
    columns = [_head_of(page.ends[place], "col") for place in found.columns]
    rows = [element("tr", element("td", "from \u2193 to \u2192", class_="corner"), *columns)]
    room -= sum(map(_size, rows))
    cells = 0
    for place in found.rows:
        row = _row(page, shown, found, place)
        # Rows for which there is no room leave it to those that are smaller.
        if _size(row) <= room:
            room -= _size(row)
            rows.append(row)
            cells += sum(source == place for source, _ in found.cells)
    return found, rows, cells


def _row(page: Page, shown: _Shown, found: Matrix, place: int) -> Markup:
    cells = []
    for column in found.columns:
        index = found.cells.get((place, column))
        cells.append(element("td") if index is None else _cell(shown.pairs[index], shown.groups[index], index))
    return element("tr", _head_of(page.ends[place], "row"), *cells)


def _head_of(end: End, scope: str) -> Markup:
    return element("th", element("span", end.name), scope=scope, class_=end.kind)


def _cell(pair: Pair, group: Group, index: int) -> Markup:
    lines = [_ports(one) for one in pair.ports[:_IN_A_CELL]]
    left = len(pair.ports) - len(lines)
    said = [] if group.token in _PLAIN else [element("b", group.name)]
    more = [element("span", f"and {left:,} more")] if left else []
    return element("td", element("a", *_spaced([*said, *lines, *more]), href=f"#p{index}"), class_=group.token)


def _ports(ports: Ports) -> Markup:
    said: str = ports.text
    for tag in reversed(_TAGS[ports.mark]):
        said = element(tag, said)
    return Markup(said)


def _legend(page: Page, ends: Iterable[End]) -> Markup:
    kinds = {end.kind for end in ends}
    said = [element("li", text, class_=kind) for kind, text in page.kinds.items() if kind in kinds]
    marks = [element("li", text) for text in page.marks]
    return element("ul", *said, *marks, class_="legend")


def _list(page: Page, shown: _Shown, room: int) -> Markup:
    """The pairs, and details of the gravest, as far as there is room."""
    by_group: dict[str, list[Markup]] = {}
    without = 0
    for index, (pair, group, short) in enumerate(zip(shown.pairs, shown.groups, shown.written, strict=True)):
        written = _pair(page, group, pair, _details(index, pair.details))
        more_room = _size(written) - _size(short)
        if more_room > room:
            written, without = short, without + 1
        else:
            room -= more_room
        by_group.setdefault(group.token, []).append(written)
    sections = [_group(page, group, by_group.get(group.token, ())) for group in page.groups]
    left = {group.name: len(group.pairs) - len(by_group.get(group.token, ())) for group in page.groups}
    said = ", ".join(f"{number:,} {name}" for name, number in left.items() if number)
    more = f"and {sum(left.values()):,} more: {said}" if said else ""
    if not page.groups:
        return Markup()
    return element(
        "section",
        element("h2", "From whom to whom", id="pairs"),
        *sections,
        element("p", f"the details of {without:,} have no room on this page", class_="left-out") if without else "",
        element("p", more, class_="left-out", data_left=str(sum(left.values()))) if more else "",
        aria_labelledby="pairs",
        class_="pairs",
    )


def _group(page: Page, group: Group, written: Sequence[Markup]) -> Markup:
    columns = ["Before", "After"] if page.is_change and group.token not in _PLAIN else ["Ports"]
    heads = [element("span", text) for text in (*([""] if page.is_change else []), "From and to", *columns)]
    return element(
        "section",
        element("h3", group.title, " ", element("span", f"{len(group.pairs):,}", class_="count"), id=group.token),
        element("div", *heads, class_="heads", aria_hidden="true") if written else "",
        *(joined(one, "\n") for one in written),
        "" if written else element("p", "They have no room on this page."),
        class_=f"group {group.token}",
    )


def _pair(page: Page, group: Group, pair: Pair, details: Markup) -> Markup:
    source, destination = (_end(page.ends[place]) for place in (pair.source, pair.destination))
    ends = element("span", source, " to ", destination, class_="ends")
    said = [element("span", pair.said, class_="said")] if pair.said else []
    if page.is_change and group.token not in _PLAIN:
        ports = [_passing("before", pair.before), _passing("after", pair.after)]
    else:
        ports = [element("span", ", ".join(pair.after), class_="ports")]
    badge = [element("b", group.name)] if page.is_change else []
    summary = element("summary", *_spaced([*badge, ends, *said, *ports]))
    return element(
        "details",
        summary,
        details,
        class_=group.token,
        data_v=" ".join(pair.labels),
        data_p=_points(pair.points),
    )


def _details(index: int, parts: Iterable[Part] | None = None) -> Markup:
    """What is shown on demand; None for what has no room, of which the style says so in fewer bytes."""
    if parts is None:
        return element("div", id=f"p{index}")
    said = (joined(element("h4", part.title), element("ul", *map(_entry, part.entries))) for part in parts)
    return element("div", *said, id=f"p{index}")


def _end(end: End) -> Markup:
    return element("code", end.name, data_role=end.role or None)


def _passing(time: str, said: Sequence[str]) -> Markup:
    return element("span", element("i", f"{time}: "), ", ".join(said) or "nothing", class_="ports")


def _points(points: Intervals) -> str:
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in points)
