# SPDX-License-Identifier: Apache-2.0
"""Whatever a build is made from, each changed once, gives another digest: no build is taken for another's."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import paths
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.board import Board
from tinyedge.model import Model
from tinyedge.options import CHOICES, DEFAULT, Options
from tinyedge.project import Input, Stage
from tinyedge.toolchain import compilers, inputs, objects

IDLE = {
    "cbor2": "reads recordings",
    "click": "reads the command line",
    "cobs": "frames on the line",
    "esptool": "flashes",
    "filelock": "keeps the line to one process",
    "matplotlib": "pictures of reports",
    "platformdirs": "says where caches are",
    "pyserial": "the line",
    "pyyaml": "reads what labgrid says",
    "rich": "the terminal",
    "scikit-learn": "learns, and what it learnt is in the model's stages",
    "scipy": "reads recordings",
    "smp": "flashes",
    "smpclient": "flashes",
    "stm32loader": "flashes",
    "xmodem": "flashes",
    "ziglang": "a compiler, which says its own version",
}
"""What we depend on and no image does."""


def stage(**keys: object) -> Stage:
    return Stage.model_validate(keys)


def front(rows: int = 4, rate_hz: float = 50.0, **more: object) -> Front:
    return Front(Input(rate_hz=rate_hz), (stage(block="window", rows=rows, **more),))


@pytest.fixture(scope="module")
def model() -> Model:
    return replace(
        models.load(zoo.OURS / "tiny_ae.tflite"), front=front(), back=Back((stage(block="score"),))
    )


@pytest.fixture(scope="module")
def board() -> Board:
    return boards.load("host")


@pytest.mark.parametrize(
    "change",
    [
        lambda model: replace(model, sha256="0" * 64),
        lambda model: replace(model, name="other"),
        lambda model: replace(model, network=False),
        lambda model: replace(model, front=None),
        lambda model: replace(model, front=front(5)),
        lambda model: replace(model, front=front(rate_hz=51.0)),
        lambda model: replace(model, front=front(source="int hook;")),
        lambda model: replace(model, front=front(level=float("inf"))),
        lambda model: replace(model, back=None),
        lambda model: replace(model, back=Back((stage(block="threshold", level=0.1 + 0.2),))),
        lambda model: replace(model, back=Back((stage(block="threshold", level=0.3),))),
    ],
)
def test_another_model(model: Model, board: Board, change: Callable[[Model], Model]) -> None:
    assert len({inputs.digest(each, board, DEFAULT) for each in (model, change(model))} - {None}) == 2


@pytest.mark.parametrize("field", [field.name for field in fields(Options)])
def test_another_option(model: Model, board: Board, field: str) -> None:
    values: tuple[str | int, ...] = CHOICES.get(field) or ("gcc", "zig")
    known = DEFAULT
    if field == "flash":
        values, known = (65536, 65537), replace(DEFAULT, optimize="balanced")
    found = {
        inputs.digest(model, board, replace(known, **{field: value}))  # type: ignore[arg-type]
        for value in values
    }
    assert len(found - {None}) == len(values)


def test_another_board_port_or_core(model: Model, tmp_path: Path) -> None:
    """Also of the user's own, whose files change under the same name."""
    board = tmp_path / "mine.toml"
    board.write_text((paths.boards() / "mps3-an547.toml").read_text())
    seen = {
        inputs.digest(model, boards.load("mps3-an547"), DEFAULT),
        inputs.digest(model, boards.load(board), DEFAULT),
    }
    own = tmp_path / boards.load(board).port
    own.mkdir(parents=True)
    for text in ("// 1\n", "// 2\n"):
        (own / "extra.h").write_text(text)
        seen.add(inputs.digest(model, boards.load(board), DEFAULT))
    board.write_text(re.sub('description = "', 'description = "Another ', board.read_text(), count=1))
    seen.add(inputs.digest(model, boards.load(board), DEFAULT))
    core = paths.boards() / "cores" / "cortex-m55.toml"
    (tmp_path / "cores").mkdir()
    for name in ("A ", "B "):
        text = re.sub('description = "', f'description = "{name}', core.read_text(), count=1)
        (tmp_path / "cores" / core.name).write_text(text)
        seen.add(inputs.digest(model, boards.load(board), DEFAULT))
    assert len(seen) == 7 and None not in seen


def test_another_compiler_or_environment(model: Model, board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {inputs.digest(model, board, DEFAULT), inputs.digest(model, board, DEFAULT, "a bill")}
    for name in objects.environment():
        monkeypatch.setenv(name, "1")
        seen.add(inputs.digest(model, board, DEFAULT))
    monkeypatch.setattr(compilers.Compiler, "identity", ("a newer one",))
    assert None not in seen
    assert len({*seen, inputs.digest(model, board, DEFAULT)}) == 3 + len(objects.environment())


def test_another_tinyedge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tinyedge"
    monkeypatch.setattr(inputs, "__file__", str(package / "toolchain" / "inputs.py"))
    for room in ("boards", "firmware", "templates"):
        monkeypatch.setattr(paths, room, lambda room=room: tmp_path / room)
    files = ["tinyedge/toolchain/inputs.py", "boards/cores/a.toml", "firmware/kernels/a.c", "templates/a.j2"]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("1")
    count = inputs.tinyedge.__wrapped__
    seen = [count()]
    for name in files:
        (tmp_path / name).write_text("2")
        seen.append(count())
    (tmp_path / files[2]).rename(tmp_path / "firmware" / "kernels" / "b.c")
    seen.append(count())
    (tmp_path / "firmware" / "kernels" / "b.c").unlink()
    seen.append(count())
    for package_name in inputs.PACKAGES:
        versions = importlib.metadata.version
        monkeypatch.setattr(
            importlib.metadata, "version", lambda p, n=package_name, v=versions: "9" if p == n else v(p)
        )
        seen.append(count())
    monkeypatch.setattr(platform, "python_version", lambda: "4.0")
    seen.append(count())
    assert len(set(seen)) == len(seen)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.pyc").write_text("made by running it")
    assert count() == seen[-1]


def test_every_package_of_ours_decides_or_does_not() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    names = {re.split("[^a-z0-9-]", line, maxsplit=1)[0] for line in project["dependencies"]}
    assert names == {*inputs.PACKAGES, *IDLE} and not {*inputs.PACKAGES} & {*IDLE}


def test_what_is_missing_is_told_by_the_build(model: Model, board: Board) -> None:
    assert inputs.digest(model, board, replace(DEFAULT, compiler="no-such-compiler")) is None
