# SPDX-License-Identifier: Apache-2.0
"""Takes a project (tinyedge.toml) and pytest, gives fixtures for tests on a board: `image`, `device`,
`replay`.

    @pytest.mark.board("mps3-an547", "esp32c3")    # once on each; default: the project's board
    def test_the_detector(replay):
        report = replay()                          # of tinyedge.toml; or replay("other.csv", frames=100)
        assert report.verdict == "pass"

    def test_by_hand(device, image):
        (slot,) = image.build.inputs
        ...

A board that is plugged in (by its VID:PID) or named by `--tinyedge-port` (a port, or the TOML of a bench, see
bench/places.py) is flashed and used; without one its emulator is; without that, too, the test skips and says
why, or fails with `--tinyedge-strict`. No test names a port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build
    from tinyedge.judge.report import Report
    from tinyedge.line.device import Device
    from tinyedge.model import Model
    from tinyedge.options import Options
    from tinyedge.project import Project

_BENCH = "tinyedge_bench"
_ELSEWHERE = "not of this run: "


@dataclass(frozen=True)
class Bench:
    """A board to test on: at `port`, or None for its emulator."""

    board: Board
    port: str | None


@dataclass(frozen=True)
class Image:
    """The project's model, built for a board, in `folder`; at `port`, where that is not None, it runs
    already.
    """

    bench: Bench
    folder: Path
    build: Build
    model: Model
    options: Options
    project: Project

    @property
    def board(self) -> Board:
        """The board that it was built for."""
        return self.bench.board


def pytest_addoption(parser: pytest.Parser) -> None:
    """As pytest asks for it."""
    group = parser.getgroup("tinyedge")
    group.addoption(
        "--tinyedge-board",
        action="append",
        default=[],
        metavar="B",
        help="Run on this board only; repeatable.",
    )
    group.addoption(
        "--tinyedge-port",
        metavar="PORT",
        help="Device, glob, VID:PID or URL of the board, or the TOML of a bench.",
    )
    group.addoption("--tinyedge-strict", action="store_true", help="Fail where a board or a tool is missing.")
    parser.addini("tinyedge_project", "folder of tinyedge.toml, from the root of the tests", default=".")


def pytest_configure(config: pytest.Config) -> None:
    """As pytest asks for it."""
    config.addinivalue_line("markers", "board(*names): boards (names or TOML files) that the test runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each board of the marker `board`, of --tinyedge-board, or else of the project."""
    if _BENCH not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("board")
    asked: list[str] = metafunc.config.getoption("--tinyedge-board")
    names: list[str] = list(marker.args) if marker else asked or [""]
    if marker and asked:
        names = [name for name in names if name in asked] or [_ELSEWHERE + ", ".join(names)]
    labels = [name or "the project's board" for name in names]
    metafunc.parametrize(_BENCH, names, indirect=True, ids=labels, scope="session")


@pytest.fixture(scope="session")
def tinyedge_project(pytestconfig: pytest.Config) -> Project:
    """The tinyedge.toml that says which model, recording and budget; override it to choose another."""
    from tinyedge import project

    return project.load(pytestconfig.rootpath / str(pytestconfig.getini("tinyedge_project")))


@pytest.fixture(scope="session")
def tinyedge_bench(
    request: pytest.FixtureRequest, tinyedge_project: Project, pytestconfig: pytest.Config
) -> Bench:
    """The board of this test, and where it is; skips where it is nowhere."""
    from tinyedge import board as boards

    name: str = request.param or tinyedge_project.board or "host"
    if name.startswith(_ELSEWHERE):
        pytest.skip(f"the test is for other boards than --tinyedge-board: {name.removeprefix(_ELSEWHERE)}")
    beside = tinyedge_project.root / name
    board = boards.load(beside if name.endswith(".toml") and beside.is_file() else name)
    port, why = _attached(board, pytestconfig.getoption("--tinyedge-port"))
    if why:
        _lacking(pytestconfig, why)
    return Bench(board, port)


@pytest.fixture(scope="session")
def image(
    tinyedge_bench: Bench, tinyedge_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Image:
    """The project's model, built for the board, and flashed where there is one."""
    from tinyedge import pipeline
    from tinyedge.bench import attach
    from tinyedge.blocks import hook
    from tinyedge.commands._job import Job
    from tinyedge.console import Console
    from tinyedge.errors import UsageError

    # Whoever runs a project's tests runs its code.
    project, console = hook.read(tinyedge_project, trust=True), Console()
    if project.model is None and not project.preprocess:
        raise UsageError(f"{project.file} names no model", "add `model = ...`, or stages of [[preprocess]]")
    board = attach.for_port(console, tinyedge_bench.board, tinyedge_bench.port)
    options = project.options
    job = Job(project.model, project.name, board.name, options, project.calibration, project)
    model = job.load(console)
    folder = tmp_path_factory.mktemp("image")
    build = pipeline.build(model, board, folder, options)
    if tinyedge_bench.port is not None:
        attach.flash_another(console, board, folder, build, tinyedge_bench.port)
    return Image(Bench(board, tinyedge_bench.port), folder, build, model, options, project)


@pytest.fixture
def device(image: Image) -> Iterator[Device]:
    """An open session with the board or its emulator, freshly reset states; closed after the test."""
    from tinyedge import pipeline

    with pipeline.connect(image.folder, image.bench.port, image.board, image.build) as opened:
        if image.build.ram.state:
            opened.reset_state()
        yield opened


@pytest.fixture
def replay(image: Image) -> Callable[..., Report]:
    """A function: replays a recording on the board, gives the Report, as `tinyedge test` does.

    Its first argument is a file, where it is not the project's; `frames` and the other keys of [replay] are
    keywords.
    """
    from tinyedge import project as projects
    from tinyedge.bench import trial
    from tinyedge.errors import UsageError

    def run(file: str | Path | None = None, frames: int | None = None, **keys: Any) -> Report:
        known = image.project.replay
        if file is None and known is None:
            raise UsageError("no recording is given, and [replay] names none", "replay(FILE)")
        settings = (
            known.model_copy(update=keys)
            if file is None and known is not None
            else projects.Replay(file=Path(str(file)), **keys)
        )
        return trial.test(
            image.model,
            image.board,
            settings,
            image.folder,
            options=image.options,
            budget=image.project.budget,
            frames=frames,
            port=image.bench.port,
            signal=image.project.input,
            columns=image.project.recording,
            task=image.project.task,
        )

    return run


def _attached(board: Board, port: str | None) -> tuple[str | None, str]:
    """The port of the board, None for its emulator, and why it is neither, or cannot be built for."""
    from tinyedge.bench import places, ports
    from tinyedge.errors import TinyedgeError
    from tinyedge.toolchain import compilers, emulators

    install = compilers.missing(board)
    if install is not None:
        return None, f"the compiler of {board.name} is missing: {install}"
    if port is not None and places.has(port, board):
        return places.resolve(port, board), ""
    fitting = [one.device for one in ports.plugged() if one.usb is not None and one.usb in board.link.usb]
    if len(fitting) == 1:
        return fitting[0], ""
    if board.emulator is None:
        try:
            return ports.find(board), ""
        except TinyedgeError as error:
            return None, f"{error}, and it has no emulator"
    lacks = emulators.missing(board)
    return (
        None,
        "" if lacks is None else f"no {board.name} is plugged in, and its emulator is missing: {lacks}",
    )


def _lacking(config: pytest.Config, why: str) -> None:
    if config.getoption("--tinyedge-strict"):
        pytest.fail(why)
    pytest.skip(why)
