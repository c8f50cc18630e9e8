# SPDX-License-Identifier: Apache-2.0
"""Models with hostile names, built and exported: the real readers find what they find otherwise."""

from __future__ import annotations

import ast
import configparser
import html.parser
import itertools
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from tests import exports, hostile, single_op
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import emit, export, micropython, pipeline, text
from tinyedge import model as models
from tinyedge.board import Board, Core
from tinyedge.errors import UsageError
from tinyedge.export import _library
from tinyedge.export._about import About
from tinyedge.export._library import Library
from tinyedge.graph import Quantization, Tensor
from tinyedge.micropython import portable
from tinyedge.model import Model
from tinyedge.options import Options
from tinyedge.process.packages import install
from tinyedge.toolchain import compilers

STUBS = Path(__file__).resolve().parents[1] / "export_stubs"
# As a TFLite file can hold them.
NAMES = list(dict.fromkeys(n.encode("utf-8", "replace").decode() for n in hostile.names(300)))


_PRINT = """#include <stdio.h>
#include "te_chain_check.c"
static _Alignas(TE_CHAIN_ARENA_ALIGN) uint8_t arena[TE_CHAIN_ARENA_SIZE];
int main(void) {
    for (size_t i = 0; i < sizeof layer_sums / sizeof *layer_sums; i++)
        printf("%s%c", layer_sums[i].name, 0);
    return te_chain_check(arena).differing != 0;
}
"""


def _chain(names: list[str], folder: Path) -> Model:
    """Sum after sum, each with the first of two inputs, on int8 [1, 8], the tensors called `names`."""
    scale = Quantization((0.1,), (0,))
    tensors = [Tensor(name, (1, 8), "int8", scale) for name in names]
    nodes = [single_op.Node("ADD", (names[0], a), (b,), {}) for a, b in itertools.pairwise(names[1:])]
    file = folder / "chain.tflite"
    file.write_bytes(single_op.pack(tensors, nodes, names[:2], names[-1:]))
    return models.load(file)


@pytest.fixture(scope="module")
def hostile_model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _chain(NAMES, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def library(hostile_model: Model) -> Library:
    return _library.make(hostile_model, None, None, Options("size"))


def _object(model: Model, board: Board, folder: Path) -> bytes:
    """What the board's compiler makes of the model's C, warnings being errors."""
    sources = emit.emit(pipeline.plan(model, board, Options("size")).plan, model.sha256)
    for path, data in sources.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    tool = compilers.find(board, None)
    (unit,) = (unit for unit in sources.model_units if unit.endswith("te_chain.c"))
    ended = subprocess.run(
        tool.compile_command(unit, "out.o", folder, "size"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr[:2000]
    return (folder / "out.o").read_bytes()


@pytest.mark.parametrize("compiler", ["zig", "gcc", "lx106"])
def test_the_compiler_sees_the_same_code_whatever_tensors_are_called(
    hostile_model: Model, compiler: str, tmp_path: Path
) -> None:
    board = boards.load("esp32s3" if compiler == "lx106" else "host")
    if compilers.missing(board, compiler):
        lacking(f"{compiler} is missing: {compilers.missing(board, compiler)}")
    only = board.core.model_copy(update={"compilers": {compiler: board.core.compilers[compiler]}})
    board = board.model_copy(update={"core": only})
    (tmp_path / "p").mkdir()
    plain = _chain([f"t{i}" for i in range(len(NAMES))], tmp_path / "p")
    assert len(pipeline.plan(plain, board).plan.layers) == len(NAMES) - 2
    assert _object(hostile_model, board, tmp_path / "a") == _object(plain, board, tmp_path / "b")


def test_micropython_sees_the_same_code_whatever_tensors_are_called(
    hostile_model: Model, tmp_path: Path
) -> None:
    plain = _chain([f"t{i}" for i in range(len(NAMES))], tmp_path)
    board = micropython.interpreted(boards.load("host"))
    texts: list[list[bytes]] = []
    for model, name in ((plain, "chain"), (hostile_model, "# x\n\rimport os\x0cos.system('id')\\")):
        plan = pipeline.plan(replace(model, name=name), board).plan
        forms = [portable.write(plan, "0" * 64, viper) for viper in (False, True)]
        texts.append([*forms, portable.stub(plan, "0" * 64), portable.around_native(plan, "0" * 64, b"")])
    for ours, theirs in zip(*texts, strict=True):
        assert ast.dump(ast.parse(ours)) == ast.dump(ast.parse(theirs))
        assert ours.splitlines()[1:] == theirs.splitlines()[1:]


@pytest.mark.parametrize("stage", ["graph", "plan"])
def test_a_dump_has_a_line_for_each_thing(hostile_model: Model, stage: str, tmp_path: Path) -> None:
    plain = _chain([f"t{i}" for i in range(len(NAMES))], tmp_path)
    board = boards.load("host")
    shown = pipeline.dump(hostile_model, board, stage).split("\n")
    assert all(line.isprintable() for line in shown)
    assert len(shown) == pipeline.dump(plain, board, stage).count("\n") + 1


@pytest.mark.parametrize("name", ["", "a b", "a\n", "7", "é", "_a", "a-b", "../a"])
def test_a_name_that_is_given_is_a_name(name: str) -> None:
    for load in (models.load, models.sketch):
        with pytest.raises(UsageError, match="cannot be the name of a model"):
            load(exports.MODEL, name=name)


def test_the_self_check_names_layers_as_people_are_shown_them(library: Library, tmp_path: Path) -> None:
    folder = exports.write(library, "single", tmp_path / "single")
    (tmp_path / "names.c").write_text(_PRINT)
    gcc = exports.tool("gcc", "apt-get install gcc")
    sources = [tmp_path / "names.c", folder / "te_chain.c"]
    include = [f"-I{folder}", f"-I{folder / 'example'}"]
    exports.run([gcc, "-std=c11", *exports.WARNINGS, *include, *sources, "-o", "names"], tmp_path)
    ended = subprocess.run([tmp_path / "names"], stdout=subprocess.PIPE, timeout=60)
    assert ended.returncode == 0  # and bit-exact
    shown = [text.visible(layer.name) for layer in library.check.layers]
    assert ended.stdout.decode().split("\0")[:-1] == shown
    assert len(shown) == len(NAMES) - 2


class _Tags(html.parser.HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def _foreign(library: Library, name: str) -> Library:
    """The library with `name` wherever a text comes from outside, but where it must be an identifier."""
    figures = tuple(replace(f, core=name, compiler=name) for f in library.figures)
    figures += (replace(library.figures[0], core=name, code=None, missing=name),)
    core = Core(name="x", description="x", isa=(), compilers=boards.core("cortex-m4").compilers)
    core = core.model_copy(update={"description": name})
    # Without an author a file has fewer lines.
    author = "".join(c for c in name if c.isprintable() and c != ",").strip() or "plain"
    return replace(library, figures=figures, core=core, about=About(author=author))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return _library.make(
        _chain(["a", "b", "c"], tmp_path_factory.mktemp("small")), None, None, Options("size")
    )


def _check_file(path: str, content: str, plain: str, folder: Path, kind: str) -> None:
    """Let the reader of `path` read it; `plain` is the same file with harmless text."""
    if path.endswith((".yml", ".yaml")):
        assert list(yaml.safe_load(content)) == list(yaml.safe_load(plain))
    elif path.endswith(".json"):
        assert json.loads(content).keys() == json.loads(plain).keys()
    elif path.endswith(".properties"):
        read = []
        for each in (content, plain):
            parser = configparser.ConfigParser(interpolation=None)
            parser.read_string("[library]\n" + each)
            read.append(set(parser["library"]))
        assert read[0] == read[1]
    elif path.endswith(".md"):
        reader = MarkdownIt("commonmark").enable("table")
        assert _Tags(reader.render(content)).tags == _Tags(reader.render(plain)).tags
    elif path.endswith(".cmake"):
        (folder / "x.cmake").write_text(content, encoding="utf-8")
        exports.run([exports.tool("cmake", "pip install cmake"), "-P", folder / "x.cmake"], folder)
    elif path.endswith("main.c"):
        (folder / "x.c").write_text(content, encoding="utf-8")
        headers = {f"te_chain{end}" for end in (".h", "_check.h")}
        assert all(f'#include "{header}"' in content for header in headers)
        flags = [f"-I{folder / 'include'}", f"-I{STUBS / kind.replace('-', '_')}"]
        gcc = exports.tool("gcc", "apt-get install gcc")
        exports.run([gcc, "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *flags, "x.c"], folder)


def test_every_file_of_every_export_holds_any_text(small: Library, tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include" / "te_chain.h").write_text(small.header)
    (tmp_path / "include" / "te_chain_check.h").write_text(small.check_files()["te_chain_check.h"])
    harmless = {kind: export.find(kind).files(_foreign(small, "plain")) for kind in export.formats()}
    for name in hostile.some(NAMES, 8):
        foreign = _foreign(small, name)
        for kind, plain in harmless.items():
            found = export.find(kind).files(foreign)
            assert found.keys() == plain.keys()
            for path, content in found.items():
                assert "\r" not in content and content.count("\n") == plain[path].count("\n"), (
                    kind,
                    path,
                    name,
                )
                if content != plain[path]:
                    _check_file(path, content, plain[path], tmp_path, kind)


def test_a_linker_script_holds_any_board(tmp_path: Path) -> None:
    ld = shutil.which("ld")
    if ld is None:
        lacking(f"ld is missing: {install('gcc')}")
    (tmp_path / "x.c").write_text("void reset_handler(void);\nvoid reset_handler(void) {}\n")
    exports.run([exports.tool("gcc", "apt-get install gcc"), "-c", "x.c", "-o", "x.o"], tmp_path)
    for name in hostile.some(NAMES, 8):
        for board in ("mps2-an386", "esp32c3"):
            made = []
            for called in (name, "plain"):
                files = emit.emit_board(boards.load(board).model_copy(update={"name": called}))
                (tmp_path / "x.ld").write_bytes(files["linker.ld"])
                exports.run([ld, "-T", "x.ld", "x.o", "-o", "x", "--build-id=none"], tmp_path)
                made.append((tmp_path / "x").read_bytes())
            assert made[0] == made[1], name


_OURS = ("app", "arena", "main", "fault", "board", "model", "link", "conv_2d", "run", "int")


@pytest.mark.parametrize("name", hostile.some(_OURS, 3))
def test_a_model_called_like_something_of_ours_can_be_exported_and_run(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.tflite").write_bytes(exports.MODEL.read_bytes())
    made = _library.make(models.load(tmp_path / f"{name}.tflite"), None, None, Options("size"))
    for kind in export.formats():
        assert export.find(kind).files(made)
    folder = exports.write(made, "single", tmp_path / "e")
    gcc = exports.tool("gcc", "apt-get install gcc")
    sources = [
        folder / f"te_{name}.c",
        folder / "example" / "main.c",
        folder / "example" / f"te_{name}_check.c",
    ]
    include = [f"-I{folder}", f"-I{folder / 'example'}"]
    exports.run([gcc, "-std=c11", *exports.WARNINGS, *include, *sources, "-o", "check"], folder)
    assert "PASS, bit-exact" in exports.run([folder / "check"], folder)
