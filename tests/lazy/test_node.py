"""The file that Node requires, by itself: made-up Node packages of the known shapes and of others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.lazy_providers import OFF, node_options
from tests.lazy.running import HOOK, NODE, environment

MARK = 'Object.defineProperty(exports, "__esModule", { value: true });\n'
# As cdktf's packages have it, and as cdktn's.
INDEX = (
    '"use strict";\n/** a licence */\n' + MARK + "exports.second = exports.firstThing = void 0;\n// generated\n"
    'exports.firstThing = require("./first-thing");\nexports.second = require("./second");\n'
    "//# sourceMappingURL=data:application/json;base64,e30="
)
STAR = (
    '"use strict";\nvar __importStar = (this && this.__importStar) || (function () { return function (mod) {\n'
    "    if (mod && mod.__esModule) return mod;\n    throw new Error(); };\n})();\n"
    + MARK
    + "exports.second = exports.firstThing = void 0;\n"
    'exports.firstThing = __importStar(require("./first-thing/index"));\n'
    'exports.second = __importStar(require("./second/index"));\n'
)
_GETTER = "Object.defineProperty(exports, '{0}', {{ get: function () {{ return require('./{1}'); }} }});\n"
LAZY_INDEX = (
    '"use strict";\n// generated\n' + _GETTER.format("firstThing", "first-thing") + _GETTER.format("second", "second")
)
LAZY_STAR = LAZY_INDEX.replace("// generated\n", MARK + "// generated\n")
MANIFEST = {"name": "@cdktf/provider-made-up", "main": "lib/index.js"}

# What is loaded of the package, in the order of loading.
LOADED = "Object.keys(require.cache).filter((f) => f.includes('made-up')).map((f) => path.relative(lib, f))"
ALL = ["index.js", "first-thing/index.js", "second/index.js"]
NONE = ["index.js"]


def ship(
    folder: Path,
    index: str = INDEX,
    lazy_index: str | None = LAZY_INDEX,
    manifest: dict[str, Any] | None = None,
    main: str = "lib/index.js",
) -> Path:
    """Write a Node package, and return its folder."""
    package = folder / "node_modules" / "made-up"
    for module in ("first-thing", "second"):
        (package / "lib" / module).mkdir(parents=True)
        content = f"{MARK}exports.Thing = class Thing {{}};\nexports.name = '{module}';\n"
        (package / "lib" / module / "index.js").write_text(content, "utf-8")
    (package / main).parent.mkdir(exist_ok=True)
    (package / main).write_text(index, "utf-8")
    if lazy_index is not None:
        (package / "lib" / "lazy-index.js").write_text(lazy_index, "utf-8")
    (package / "package.json").write_text(json.dumps(MANIFEST if manifest is None else manifest), "utf-8")
    return package


def node(package: Path, code: str, hook: Path | None = HOOK, options: str = "", off: str = "") -> Any:
    """What an expression comes to in Node, where ``p`` is the package.

    Args:
        package: its folder.
        code: the expression, or statements with a ``return``.
        hook: the file that is required first.
        options: ``NODE_OPTIONS`` of the user's.
        off: the variable that keeps all this off.
    """
    body = code if "return" in code else f"return {code};"
    script = (
        "const path = require('path'); const lib = path.join(process.argv[1], 'lib');\n"
        f"const result = (() => {{ const p = require(process.argv[1]); {body} }})();\n"
        "console.log(JSON.stringify(result === undefined ? null : result));"
    )
    all_options = options if hook is None else node_options(options, str(hook))
    run = subprocess.run(
        [NODE, "-e", script, str(package)],
        env=environment(NODE_OPTIONS=all_options, **{OFF: off}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(params=["cdktf", "cdktn"])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A package of each flavour."""
    if request.param == "cdktf":
        return ship(tmp_path)
    return ship(tmp_path, STAR, LAZY_STAR, {**MANIFEST, "name": "@cdktn/provider-made-up"})


# Of the known shape.


def test_modules_load_when_first_used(package: Path) -> None:
    assert node(package, LOADED, hook=None) == ALL
    assert node(package, LOADED) == NONE
    assert node(package, f"p.second; return {LOADED}") == [*NONE, "second/index.js"]


@pytest.mark.parametrize(
    "question",
    [
        "Object.keys(p).sort()",
        "p.__esModule",
        "[p.firstThing.name, p.second.name, p.third === undefined]",
        "p.second.Thing === p.second.Thing && p.second === require(lib + '/second')",
        "'second' in p && Object.prototype.hasOwnProperty.call(p, 'second') && !('third' in p)",
        "require(process.argv[1]) === p && require(lib + '/index') === p",
        "path.relative(lib, require.resolve(process.argv[1]))",
        "const { firstThing, ...rest } = p; return [firstThing.name, Object.keys(rest)]",
        "JSON.stringify(Object.entries(p).map(([name, { Thing }]) => [name, typeof Thing]).sort())",
        # Mocks of tests replace an export, or take it away.
        "p.second = 2; return [p.second, Object.keys(p).length]",
        "delete p.second; return Object.keys(p)",
        "require.cache[lib + '/index.js'].exports === p && require.cache[lib + '/index.js'].loaded",
        # What older compilers of TypeScript make of `import * as p` and `export * from`.
        "const all = {}; for (const name in p) all[name] = p[name].name; return Object.keys(all).sort()",
        "delete require.cache[lib + '/index.js']; return Object.keys(require(process.argv[1])).sort()",
    ],
)
def test_for_those_who_use_it_nothing_is_different(package: Path, question: str) -> None:
    without = node(package, question, hook=None)
    assert node(package, question) == without
    assert without not in (None, False, [], "[]")


def test_a_module_that_fails_says_its_own_error(package: Path) -> None:
    (package / "lib" / "second" / "index.js").write_text("throw new Error('of its own');", "utf-8")
    said = "try { p.second } catch (error) { return error.message }"
    assert node(package, f"p.firstThing; {said}") == "of its own"


def test_what_workers_load_is_lazy_too(package: Path) -> None:
    code = (
        "const { Worker } = require('worker_threads');"
        "const count = `Object.keys(require.cache).filter((f) => f.includes('made-up')).length`;"
        "new Worker(`require(${JSON.stringify(process.argv[1])}); console.error(${count})`, { eval: true });"
        "return 0"
    )
    assert node(package, code) == 0
    run = subprocess.run(
        [NODE, "-e", f"(() => {{ {code} }})()", str(package)],
        env=environment(NODE_OPTIONS=node_options("", str(HOOK))),
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr.strip() == "1"


def test_a_package_behind_a_link_is_the_same_package(package: Path, tmp_path: Path) -> None:
    """As in jsii's cache of packages."""
    link = tmp_path / "linked"
    link.symlink_to(package, target_is_directory=True)
    assert len(node(link, "Object.keys(require.cache).filter((f) => f.includes('made-up'))")) == 1


# Of another shape.


OTHER_SHAPES: dict[str, dict[str, Any]] = {
    "no lazy index": {"lazy_index": None},
    "an empty lazy index": {"lazy_index": ""},
    "a module more": {"lazy_index": LAZY_INDEX + _GETTER.format("third", "third")},
    "a module less": {"lazy_index": LAZY_INDEX.replace(_GETTER.format("second", "second"), "")},
    "another module": {"lazy_index": LAZY_INDEX.replace("'./second'", "'./first-thing'")},
    "another name": {"lazy_index": LAZY_INDEX.replace("'second'", "'2nd'")},
    "another kind of getter": {"lazy_index": LAZY_INDEX.replace("{ get:", "{ enumerable: true, get:")},
    "a lazy index that requires more": {"lazy_index": LAZY_INDEX + 'require("fs");\n'},
    "a lazy index that exports more": {"lazy_index": LAZY_INDEX + "exports.version = 1;\n"},
    "an index that exports more": {"index": INDEX.replace("// generated", "exports.version = 1;")},
    "an index that exports otherwise": {"index": INDEX + "\nmodule.exports.version = 1;\n"},
    "an index that requires more": {"index": INDEX.replace("// generated", 'const fs = require("fs");')},
    "an index that defines an export more": {
        "index": INDEX.replace("// generated", 'Object.defineProperty(exports, "version", { value: "1" });')
    },
    "an index that exports in brackets": {"index": INDEX.replace("// generated", 'exports["version"] = "1";')},
    "an index that assigns an export": {
        "index": INDEX.replace("// generated", 'Object.assign(module["exports"], { version: 1 });')
    },
    "an index that does more before": {"index": INDEX.replace("// generated", "globalThis.side = 1;")},
    "an index that does more after a comment": {
        "index": INDEX.replace("licence */", "licence */ globalThis.side = 1;")
    },
    "an index that does more after": {"index": INDEX + "\nglobalThis.side = 1;\n"},
    "an index that exports everything twice": {
        "index": INDEX.replace(
            "//# source", INDEX[INDEX.index("exports.firstThing = require") :].split("//#")[0] + "//# source"
        )
    },
    "an index that unsets more": {"index": INDEX.replace("// generated", "exports.version = void 0;")},
    "a lazy index that does more before": {"lazy_index": LAZY_INDEX.replace("// generated", "globalThis.side = 1;")},
    "a lazy index that does more between": {
        "lazy_index": LAZY_INDEX.replace(
            _GETTER.format("second", "second"), "globalThis.side = 1;\n" + _GETTER.format("second", "second")
        )
    },
    "an index with stars": {"index": INDEX.replace("// generated", '__exportStar(require("./second"), exports);')},
    "an index without its mark": {"index": INDEX.replace(MARK, "")},
    "an index without modules": {"index": MARK, "lazy_index": ""},
    "another package": {"manifest": {**MANIFEST, "name": "@somebody/provider-made-up"}},
    "a package without a name": {"manifest": {"main": "lib/index.js"}},
    "another main": {"manifest": {**MANIFEST, "main": "lib/second/index.js"}},
    "a main without its ending": {"manifest": {**MANIFEST, "main": "lib"}},
    "a main elsewhere": {"manifest": {**MANIFEST, "main": "dist/index.js"}, "main": "dist/index.js"},
}


@pytest.mark.parametrize("shape", OTHER_SHAPES)
def test_a_package_of_another_shape_loads_as_it_is_shipped(tmp_path: Path, shape: str) -> None:
    changes = OTHER_SHAPES[shape]
    assert changes.get("index", None) != INDEX
    assert changes.get("lazy_index", None) != LAZY_INDEX
    index = changes.get("index", INDEX).replace("__exportStar(", "((from, to) => Object.assign(to, from))(")
    if changes.get("main"):
        index = index.replace('"./', '"../lib/')
    package = ship(tmp_path, **{**changes, "index": index})
    question = f"[Object.keys(p), {LOADED}, p.version, globalThis.side]"
    without = node(package, question, hook=None)
    assert node(package, question) == without
    assert "lazy-index.js" not in without[1]


@pytest.mark.parametrize("broken", ["package.json", "lazy-index.js"])
def test_what_cannot_be_read_is_left_to_node(tmp_path: Path, broken: str) -> None:
    package = ship(tmp_path)
    if broken == "package.json":
        (package / broken).write_text("{", "utf-8")
    else:
        (package / "lib" / broken).unlink()
        (package / "lib" / broken).mkdir()
    # Required by its path, since Node itself reads package.json otherwise.
    script = "try { require(process.argv[1] + '/lib/index.js') } catch (e) { console.log(e.message.split('\\n')[0]) }"
    outputs = [
        subprocess.run(
            [NODE, "-e", script, str(package)],
            env=environment(NODE_OPTIONS=options),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for options in ("", node_options("", str(HOOK)))
    ]
    assert outputs[0] == outputs[1]


def test_other_files_fail_as_they_do_without(tmp_path: Path) -> None:
    package = ship(tmp_path, index='"use strict";\n' + MARK + "this is not JavaScript;\n")
    said = []
    for options in ("", node_options("", str(HOOK))):
        command = [NODE, "-e", "require(process.argv[1])", str(package)]
        run = subprocess.run(
            command, env=environment(NODE_OPTIONS=options), capture_output=True, text=True, check=False
        )
        assert run.returncode == 1
        said.append([line for line in run.stderr.splitlines() if not line.startswith("    at ")])
    assert said[0] == said[1]
    assert any("SyntaxError" in line for line in said[0])


# How Node is told.


@pytest.mark.parametrize(
    "folder",
    [
        "a space",
        "two  spaces",
        'a "quoted" word',
        "a back\\slash",
        'both\\" and \\\\',
        "ümläut 日本",
        "two\nlines\u3000",
        "it's $HOME #1",
    ],
)
def test_node_finds_the_file_in_any_folder(tmp_path: Path, folder: str) -> None:
    if os.name == "nt":
        pytest.skip("names of folders cannot have quotes there, and every path has backslashes anyway")
    hook = tmp_path / folder / HOOK.name
    hook.parent.mkdir()
    shutil.copy(HOOK, hook)
    assert node(ship(tmp_path), LOADED, hook=hook) == NONE


def test_options_of_the_users_take_effect_first(tmp_path: Path) -> None:
    own = tmp_path / "of my own.js"
    own.write_text("global.first = Object.keys(require.cache).length;", "utf-8")
    options = f'--title=mine   --require "{own}"'
    assert node(ship(tmp_path), f"[process.title, global.first, {LOADED}]", options=options) == ["mine", 1, NONE]


@pytest.mark.parametrize(("value", "loaded"), [("1", ALL), ("0", ALL), ("", NONE)])
def test_one_variable_keeps_it_off_here_too(tmp_path: Path, value: str, loaded: list[str]) -> None:
    """NODE_OPTIONS are inherited by child processes, which may have it switched off."""
    assert node(ship(tmp_path), LOADED, off=value) == loaded


@pytest.mark.parametrize("module", ["{}", "{ _extensions: {} }"])
def test_in_a_node_that_loads_otherwise_it_does_nothing(module: str) -> None:
    script = (
        "const file = require('fs').readFileSync(process.argv[1], 'utf8');"
        f"const mine = (name) => name === 'module' ? {module} : require(name);"
        "new Function('require', file)(mine)"
    )
    subprocess.run([NODE, "-e", script, str(HOOK)], env=environment(), check=True)


# What cdktf packs assets with.


def _packing(folder: Path, name: str = "cdktf") -> Path:
    """A package with cdktf's file that packs, which exports what it packs with, and a made-up library for it."""
    package = folder / "node_modules" / name
    private = package / "lib" / "private"
    private.mkdir(parents=True)
    library = package / "node_modules" / "archiver"
    library.mkdir(parents=True)
    (library / "index.js").write_text(
        "module.exports = Object.assign((format) => `packed as ${format}`, { formats: ['zip'] });\n", "utf-8"
    )
    (package / "package.json").write_text(json.dumps({"name": name, "main": "lib/private/fs.js"}), "utf-8")
    (private / "fs.js").write_text(
        "const fs = require('fs');\nconst archiver = require('archiver');\n"
        "exports.archiver = archiver; exports.exists = fs.existsSync(__filename);\n",
        "utf-8",
    )
    return package


_LIBRARY = "Object.keys(require.cache).filter((f) => f.includes('archiver')).length"


def test_what_cdktf_packs_assets_with_loads_when_something_is_packed(tmp_path: Path) -> None:
    package = _packing(tmp_path)
    assert node(package, f"[p.exists, {_LIBRARY}]") == [True, 0]
    assert node(package, f"[p.archiver('zip'), {_LIBRARY}]") == ["packed as zip", 1]
    assert node(package, f"[p.archiver.formats, {_LIBRARY}]") == [["zip"], 1]
    assert node(package, _LIBRARY, off="1") == 1
    assert node(package, _LIBRARY, hook=None) == 1


def test_another_packages_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    assert node(_packing(tmp_path, "cdktn"), _LIBRARY) == 1
