# SPDX-License-Identifier: Apache-2.0
"""The house: which room may import from which, how large things get, and what must not stand twice."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tinyedge"
KERNELS = ROOT / "firmware" / "kernels"

# Rooms from the top of the house to the bottom: a module imports from its own row or from one below it.
ROWS = (
    ("cli", "__main__", "pytest_plugin"),
    ("commands",),
    ("bench",),
    ("export",),
    ("pipeline",),
    ("emit", "protocols", "toolchain", "images", "flash", "micropython"),
    ("plan",),
    ("judge",),
    ("model", "passes"),
    ("ops", "blocks"),
    ("oracle",),
    ("line", "transport", "energy"),
    ("recording",),
    ("arithmetic",),
    ("build", "board", "project", "options"),
    ("graph",),
    ("process", "names", "paths", "made", "console", "errors", "text"),
)
ROW = {room: at for at, row in enumerate(ROWS) for room in row}
MOST_ROOT_MODULES = 14
MOST_LINES = 400
MOST_LINES_OF_C = 450
MOST_FUNCTION_LINES = 80


@functools.cache
def modules() -> tuple[Path, ...]:
    return tuple(sorted(PACKAGE.rglob("*.py")))


def sources(*suffixes: str) -> list[Path]:
    """Files that people write, everywhere in the repository; what `make demo` built is none of them."""
    folders = ("tinyedge", "firmware", "tests", "templates", "boards", "examples")
    found = (file for folder in folders for file in (ROOT / folder).rglob("*"))
    return sorted(
        file for file in found if file.suffix in suffixes and "build" not in file.relative_to(ROOT).parts
    )


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def known() -> frozenset[str]:
    return frozenset(map(dotted, modules()))


@functools.cache
def imports(path: Path) -> tuple[str, ...]:
    """The modules of tinyedge that `path` imports anywhere, functions and type-checking blocks included."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in known()]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tinyedge":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.append(inner if inner in known() else str(node.module))
    return tuple(found)


def room(module: str) -> str | None:
    """The room that a dotted name is in; None for the package itself, which only has the version."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def test_every_room_has_a_row() -> None:
    rooms = {room(dotted(path)) for path in modules()} - {None}
    assert rooms <= set(ROW), f"no row for {sorted(map(str, rooms - set(ROW)))}"


def test_no_import_runs_upward() -> None:
    upward = []
    for path in modules():
        here = room(dotted(path))
        if here is None:
            continue
        for target in imports(path):
            there = room(target)
            if there is not None and ROW[there] < ROW[here]:
                upward.append(f"{dotted(path)} imports {target}")
    assert not upward, "\n".join(upward)


def test_no_two_modules_import_each_other_however_far() -> None:
    # A package that imports its own modules is one thing with them.
    edges = {dotted(path): {t for t in imports(path) if t != dotted(path)} for path in modules()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module in done:
            return
        for target in edges.get(module, ()):
            if not module.startswith(f"{target}."):
                visit(target, (*way, module))
        done.add(module)

    for module in edges:
        visit(module, ())


def test_the_root_is_a_short_list() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_ROOT_MODULES


@pytest.mark.parametrize("path", sources(".py"), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_file_is_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_FUNCTION_LINES, node.name
        # Relative ones would not be seen by what looks at imports here.
        assert not (isinstance(node, ast.ImportFrom) and node.level), "a relative import"
    assert ast.get_docstring(tree), "a module opens with what it takes and gives"


def test_a_file_of_c_is_one_idea() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in sources(".c", ".h", ".S")}
    assert lengths
    assert not {path for path, length in lengths.items() if length > MOST_LINES_OF_C}


def test_every_source_names_its_licence_first() -> None:
    # What `tinyedge init` writes is the user's, and what an export or a build writes follows its template.
    silent = [
        path
        for path in sources(".py", ".c", ".h", ".S", ".mjs")
        if "SPDX-License-Identifier: Apache-2.0" not in path.read_text(encoding="utf-8").split("\n", 1)[0]
        and "templates" not in path.parts
    ]
    assert not silent


def test_firmware_calls_nothing_that_takes_memory() -> None:
    """No malloc, no printf: what the RAM holds is known when it is linked."""
    called = re.compile(r"\b(malloc|calloc|realloc|free|printf|sprintf|alloca|setjmp|longjmp)\s*\(")
    host = ROOT / "firmware" / "ports" / "host"
    found = [
        (path.name, match[0])
        for path in sources(".c", ".h")
        if path.is_relative_to(ROOT / "firmware") and not path.is_relative_to(host)
        for match in called.finditer(re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S))
    ]
    assert not found


def test_a_test_skips_by_conftest_or_by_the_operating_system() -> None:
    """`conftest.lacking` fails in CI: a test that skips on its own passes there without having run."""
    skipping = []
    system = re.compile(r"sys\.platform|os\.name|hasattr\((os|signal),")
    for path in sources(".py"):
        if not path.is_relative_to(ROOT / "tests") or path.name in ("conftest.py", "test_house.py"):
            continue
        text = path.read_text(encoding="utf-8")
        if not re.search("skip|xfail", text):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in ("skip", "skipif", "importorskip", "xfail", "skipTest"):
                continue
            if name != "skipif" or not system.search(ast.unparse(node)):
                skipping.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}")
    assert not skipping, "\n".join(skipping)


def test_only_one_module_says_that_text_is_code() -> None:
    made = [dotted(path) for path in modules() if re.search(r"\bCode\(", path.read_text(encoding="utf-8"))]
    assert made == ["tinyedge.text"]


# What a kernel may ask of the compiler: features that a core's file turns on, never which target it is.
_TARGETS = re.compile(
    r"__arm__|__ARM_ARCH|__riscv\b|__riscv_xlen|__xtensa__|__XTENSA__|__x86_64__|ESP_PLATFORM"
)


@pytest.mark.parametrize(
    "path", sorted(KERNELS.rglob("*.[ch]")), ids=lambda p: p.relative_to(KERNELS).as_posix()
)
def test_no_kernel_asks_for_its_target(path: Path) -> None:
    conditions = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", line)
    ]
    assert not [line for line in conditions if _TARGETS.search(line)]


def test_parameters_of_kernels_are_restrict() -> None:
    """Or a shared copy reads them again behind every store; kernel.h says so."""
    kernel = re.compile(r"TE_KERNEL (?:void|static)[^;{]*?\) *\{", re.DOTALL)
    files = sorted((ROOT / "firmware" / "kernels").glob("*/*.c"))
    found = {file.name: kernel.findall(file.read_text(encoding="utf-8")) for file in files}
    assert sum(map(len, found.values())) > 80  # the search works
    assert not {
        name for name, heads in found.items() if re.search(r"const te_\w+ \*(?!restrict)", " ".join(heads))
    }


def test_files_that_are_named_are_there() -> None:
    """Comments and documents point at files by their path from the top."""
    places = [ROOT / name for name in ("CONTRIBUTING.md", "README.md")]
    kinds = (".c", ".h", ".S", ".j2", ".md", ".toml")
    folders = ("firmware", "templates", "boards")
    places += [file for name in folders for file in (ROOT / name).rglob("*") if file.suffix in kinds]
    named = re.compile(r"\b(?:tinyedge|tests|firmware|templates)/[\w/]+\.(?:py|c|h|toml|j2)\b")
    gone = {
        f"{file.relative_to(ROOT)}: {path}"
        for file in places
        for path in named.findall(file.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    }
    assert not gone, "\n".join(sorted(gone))


def test_links_of_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#)([^)#]+)")
    folders = ("boards", "docs", "examples", "firmware", "tests")
    documents = [*ROOT.glob("*.md"), *(file for name in folders for file in (ROOT / name).rglob("*.md"))]
    links = [(file, path) for file in documents for path in link.findall(file.read_text(encoding="utf-8"))]
    assert len(links) > 60  # the search works
    gone = {f"{file.relative_to(ROOT)}: {path}" for file, path in links if not (file.parent / path).exists()}
    assert not gone, "\n".join(sorted(gone))
