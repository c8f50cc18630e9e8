# SPDX-License-Identifier: Apache-2.0
"""Takes the collected tests, gives each its folder's marker, and names what this machine lacks."""

from __future__ import annotations

import compileall
import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests import hostile
from tinyedge import board as boards
from tinyedge.plan import packing
from tinyedge.process import light
from tinyedge.toolchain import emulators

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

_TESTS = Path(__file__).resolve().parent
_ROOT = _TESTS.parent
_MARKED = ("host", "emulated")
_BOARD = "mps3-an547"  # of the emulated tests that have no parameter `board`


def pytest_report_header() -> str:
    return f"hostile cases: TINYEDGE_SEED={hostile.seed()}"


def pytest_configure(config: pytest.Config) -> None:
    """Begin as the command does, and compile tinyedge, once for the hundreds of processes that import it.

    Caged ones cannot write bytecode, and with PYTHONDONTWRITEBYTECODE none does: half a second for each.
    """
    light.start()
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(_ROOT / "tinyedge", quiet=2)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """With -n a worker takes whole files, in their order: what a module prepares is prepared once."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with its folder's name: `-m "not emulated"` then works without any decorator."""
    for item in items:
        folder = item.path.relative_to(_TESTS).parts[0]
        if folder in _MARKED:
            item.add_marker(folder)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """An emulated test needs QEMU: without it the test skips, and in CI (env CI set) it fails."""
    if item.get_closest_marker("emulated") is None:
        return
    call = getattr(item, "callspec", None)
    board = boards.load(call.params.get("board", _BOARD) if call else _BOARD)
    install = emulators.missing(board)
    if install is not None:
        lacking(f"the emulator of {board.name} is not here: {install}")


def lacking(what: str) -> NoReturn:
    """Skip the test, naming the program that it lacks; fail it in CI (env CI set)."""
    if os.environ.get("CI"):
        pytest.fail(what)
    absent(what)


def absent(what: str) -> NoReturn:
    """Skip the test also in CI: what it needs is in no package registry, or not on this operating system."""
    pytest.skip(what)


def needed(module: str, install: str) -> ModuleType:
    """A module that is imported here; the test is `lacking` it where it is not installed."""
    if importlib.util.find_spec(module) is None:
        lacking(f"{module} is missing: {install}")
    return importlib.import_module(module)


def shared_path(*parts: str) -> Path:
    """A file or folder of ../shared (models, golden outputs); the test skips when it is not there."""
    path = _ROOT.parent.joinpath("shared", *parts)
    if not path.exists():
        absent(f"../shared/{'/'.join(parts)} is not there")
    return path


@pytest.fixture
def side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a model of many layers that have nothing to do with each other: no placement of them is sought.

    All their inputs and outputs live at once, so that a search goes on to its end, seconds for each model.
    """
    monkeypatch.setattr(packing, "SEARCH_PAIRS", 0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared; skips the test when it is not there."""
    return shared_path()
