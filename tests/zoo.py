# SPDX-License-Identifier: Apache-2.0
"""Takes a model file and a board, gives the Report of random inputs replayed on it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.board import Board
from tinyedge.judge.report import Report
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

OURS = Path(__file__).resolve().parent / "models"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "models"
MLPERF = ("ad01_int8", "hello_world_int8", "kws_ref_model", "pretrainedResnet_quant", "vww_96_int8")
WAKE_WORDS = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")


def wake_word(name: str) -> Path:
    """A streaming wake-word model of Home Assistant's voice satellites; `lacking` without its package."""
    spec = importlib.util.find_spec("pymicro_wakeword")
    if spec is None or spec.origin is None:
        lacking("pymicro-wakeword is not installed (pip install pymicro-wakeword)")
    return Path(spec.origin).parent / "models" / f"{name}.tflite"


def boards_apart() -> list[str]:
    """Names of our boards, one of each core, port and chip: the others differ in facts, and not in code."""
    found: dict[tuple[str, str, str | None], str] = {}
    for name in boards.names():
        board = boards.load(name)
        found.setdefault((board.core.name, board.port, board.chip), name)
    # What others are known by: a board that is emulated where one is.
    for name in boards.names():
        board = boards.load(name)
        key = (board.core.name, board.port, board.chip)
        if board.emulator is not None and boards.load(found[key]).emulator is None:
            found[key] = name
    return sorted(found.values())


def files(folder: Path) -> list[Path]:
    """The .tflite files of a folder, if it is there."""
    return sorted(folder.glob("*.tflite"))


def replay(
    file: Path,
    board: str | Board,
    out: Path,
    frames: int,
    options: Options = DEFAULT,
    limits: tuple[int, int] | None = None,
) -> Report:
    """Build, and replay `frames` random inputs, among them all minima and all maxima, within any `limits`."""
    model = models.load(file)
    facts = boards.load(board) if isinstance(board, str) else board
    build = pipeline.build(model, facts.emulated, out, options)
    specs = tuple(slot.spec for slot in build.inputs)
    rng = np.random.default_rng(12345)
    values = []
    for spec in specs:
        kind = np.dtype(spec.dtype)
        low, high = limits or ((0, 1) if kind == np.bool_ else (np.iinfo(kind).min, np.iinfo(kind).max))
        x = rng.integers(low, high, (frames, *spec.frame), np.int64, endpoint=True).astype(kind)
        x[0], x[-1] = low, high
        values.append(x)
    recording = Recording(Path("random"), specs, tuple(values))
    report = trial.run(model, facts, build, out, recording, Metric("none"), Budget())
    if report.replay.stopped is not None:
        raise report.replay.stopped  # says more than that frames are missing
    return report
