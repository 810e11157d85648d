"""Stand-ins for `gh` and `curl`, and for the API behind them: pull requests, comments and the artifacts of a run.

Run as a program: ``forge.py gh ...``. What there is stands in the JSON file that FORGE names; filters are worked out by
jq itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jq

Document = dict[str, Any]
# Whose token it is.
ME = 42


def main(program: str, arguments: list[str]) -> None:
    """Do one call, and note it."""
    path = Path(os.environ["FORGE"])
    forge: Document = json.loads(path.read_text("utf-8"))
    forge["calls"].append([program, *arguments])
    try:
        sys.stdout.write({"gh": _gh, "curl": _curl, "jq": _jq}[program](forge, arguments))
    finally:
        path.write_text(json.dumps(forge), "utf-8")


def _gh(forge: Document, arguments: list[str]) -> str:
    if os.environ.get("GH_TOKEN") != forge["token"]:
        sys.exit("gh: HTTP 401: Bad credentials")
    if arguments[:2] == ["run", "download"]:
        given = dict(zip(arguments[3::2], arguments[4::2], strict=True))
        artifact = forge["artifacts"].get(given["--name"])
        if artifact is None:
            sys.exit("no valid artifacts found to download")
        shutil.copytree(artifact, given["--dir"], dirs_exist_ok=True)
        return ""
    assert arguments[0] == "api", arguments
    options: dict[str, str] = {}
    endpoint = ""
    rest = iter(arguments[1:])
    for word in rest:
        if word in ("--paginate", "--silent"):
            options[word] = word
        elif word.startswith("--"):
            options[word] = next(rest)
        else:
            endpoint = word
    answer = _answer(forge, options.get("--method", "GET"), endpoint, _body(options.get("--field", "")))
    pages = [answer]
    if isinstance(answer, list):
        size = int(dict(parse_qsl(urlsplit(endpoint).query)).get("per_page", 30))
        assert size <= 100
        pages = [answer[first : first + size] for first in range(0, len(answer), size)] or [[]]
    if "--paginate" not in options:
        pages = pages[:1]
    found = (
        [one for page in pages for one in jq.compile(options["--jq"]).input_value(page).all()]
        if "--jq" in options
        else []
    )
    return "".join(f"{one}\n" for one in found)


def _body(field: str) -> str:
    name, _, value = field.partition("=")
    assert name in ("", "body")
    return Path(value[1:]).read_text("utf-8") if value.startswith("@") else value


def _answer(forge: Document, method: str, endpoint: str, body: str) -> Any:
    path = urlsplit(endpoint).path
    if match := re.fullmatch(r"repos/o/r/actions/runs/7/artifacts", path):
        return {"artifacts": [{"name": name} for name in forge["artifacts"]]}
    if match := re.fullmatch(r"repos/o/r/pulls", path):
        assert dict(parse_qsl(urlsplit(endpoint).query))["state"] == "open"
        return forge["pulls"]
    if match := re.fullmatch(r"repos/o/r/pulls/([0-9]+)", path):
        found = [pull for pull in forge["pulls"] if str(pull["number"]) == match[1]]
        return found[0] if found else sys.exit("gh: Not Found (HTTP 404)")
    if match := re.fullmatch(r"repos/o/r/issues/([0-9]+)/comments", path):
        if forge.get("down"):
            sys.exit("gh: HTTP 502: Bad gateway")
        comments = forge["comments"].setdefault(match[1], [])
        if method == "POST":
            forge["last"] += 1
            _fits(body)
            comments.append({"id": forge["last"], "user": {"type": "Bot"}, "body": body})
        return comments
    match = re.fullmatch(r"repos/o/r/issues/comments/([0-9]+)", path)
    assert match, endpoint
    assert method == "PATCH", endpoint
    _fits(body)
    (comment,) = [one for some in forge["comments"].values() for one in some if str(one["id"]) == match[1]]
    comment["body"] = body
    return comment


def _fits(body: str) -> None:
    if len(body) > 65_536:
        sys.exit("gh: body is too long (maximum is 65536 characters) (HTTP 422)")


def _curl(forge: Document, arguments: list[str]) -> str:
    """GitLab's merge request at https://gitlab.example/1, and its notes."""
    flags = ("--fail", "--silent", "--show-error")
    words = [word for word in arguments if word not in flags]
    options = {word: words[place + 1] for place, word in enumerate(words) if word.startswith("--")}
    if options["--header"] != f"PRIVATE-TOKEN: {forge['token']}":
        sys.exit("curl: (22) The requested URL returned error: 401")
    url = urlsplit(words[-1])
    notes = forge["notes"]
    method = options.get("--request", "GET")
    if url.path.endswith("/user"):
        return json.dumps({"id": ME})
    if url.path.endswith("/1"):
        return json.dumps({"sha": forge["sha"]})
    assert url.path.startswith("/1/notes")
    if method == "GET":
        query = dict(parse_qsl(url.query))
        size, page = int(query["per_page"]), int(query["page"])
        return json.dumps(notes[size * (page - 1) : size * page])
    name, _, file = options["--data-urlencode"].partition("@")
    assert name == "body"
    body = Path(file).read_text("utf-8")
    if method == "POST":
        forge["last"] += 1
        notes.append({"id": forge["last"], "author": {"id": ME}, "body": body})
    else:
        (note,) = [one for one in notes if url.path.endswith(f"/notes/{one['id']}")]
        if note["author"]["id"] != ME:
            sys.exit("curl: (22) The requested URL returned error: 403")
        note["body"] = body
    return ""


def _jq(_: Document, arguments: list[str]) -> str:
    given: dict[str, Any] = {}
    rest: list[str] = []
    words = iter(arguments)
    raw = "-r" in arguments
    for word in words:
        if word == "-r":
            continue
        if word in ("--arg", "--argjson"):
            name, value = next(words), next(words)
            given[name] = json.loads(value) if word == "--argjson" else value
        else:
            rest.append(word)
    program, file = rest
    found = jq.compile(program, args=given).input_text(Path(file).read_text("utf-8")).all()
    return "".join(f"{one if raw and isinstance(one, str) else json.dumps(one)}\n" for one in found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
