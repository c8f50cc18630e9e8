# SPDX-License-Identifier: Apache-2.0
"""Takes models and boards, gives a Cell for each pair: built, replayed on the emulator, judged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tinyedge import build as builds
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.board import Board
from tinyedge.build import CLOSED, Build
from tinyedge.errors import CheckFailed, TinyedgeError
from tinyedge.judge.budget import Verdict
from tinyedge.judge.report import EXIT_CODES, Report
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.project import Budget, Columns, Input, Replay, Task

FRAMES = 8
"""Random inputs where there is no recording."""


@dataclass(frozen=True)
class Cell:
    """One model on one board; None where it is not known.

    outcome: the verdict; "built" where the board has no emulator, so that nothing ran; "error" for the
    `reason`. exit_code: of that alone. p50, p99: of one inference, in `unit`. Others are bytes.
    """

    __pydantic_config__ = CLOSED
    model: str
    board: str
    outcome: Verdict | Literal["built", "error"]
    exit_code: int
    reason: str
    frames: int | None = None
    bit_exact_frames: int | None = None
    accuracy: float | None = None
    unit: str | None = None
    p50: float | None = None
    p99: float | None = None
    flash: int | None = None
    ram: int | None = None
    arena: int | None = None
    stack: int | None = None


@dataclass(frozen=True)
class Table:
    """What `tinyedge matrix --json` says. exit_code: 1 where any cell failed, else the largest of them."""

    __pydantic_config__ = CLOSED
    version: int
    exit_code: int
    cells: tuple[Cell, ...]


def matrix(
    models: Sequence[Model],
    boards: Sequence[Board],
    out: Path,
    *,
    replay: Replay | int = FRAMES,
    frames: int | None = None,
    options: Options = DEFAULT,
    budget: Budget = trial.NO_LIMITS,
    signal: Input | None = None,
    columns: Columns | None = None,
    task: Task = trial.NO_TASK,
    jobs: int | None = None,
    observer: Observer = NOBODY,
) -> tuple[Cell, ...]:
    """Every model on every board's emulator, `jobs` at a time (default: as many as there are processors).

    out: a folder, with MODEL/BOARD in it. replay, frames and what follows are as for `trial.test`. What goes
    wrong with one pair is its cell's reason, and ends no other.
    """

    def one(model: Model, board: Board) -> Cell:
        folder = out / model.name / board.name
        try:
            if board.emulator is None:
                build = pipeline.build(model, board, folder, options)
                return _sized(
                    Cell(model.name, board.name, "built", 0, f"{board.name} has no emulator"), build
                )
            report = trial.test(
                model,
                board,
                replay,
                folder,
                options=options,
                budget=budget,
                frames=frames,
                signal=signal,
                columns=columns,
                task=task,
            )
            return _tried(model, board, report)
        except TinyedgeError as error:
            return Cell(model.name, board.name, "error", error.exit_code, str(error))

    pairs = [(model, board) for model in models for board in boards]
    with (
        observer.progress(f"{len(models)} models on {len(boards)} boards", len(pairs)) as advance,
        ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool,
    ):
        running = [pool.submit(one, *pair) for pair in pairs]
        try:
            cells = []
            for job in running:
                cells.append(job.result())
                advance(1)
        except BaseException:
            for job in running:
                job.cancel()
            raise
    return tuple(cells)


def table(cells: Sequence[Cell]) -> Table:
    """The cells as one document."""
    return Table(builds.VERSION, exit_code(cells), tuple(cells))


def exit_code(cells: Sequence[Cell]) -> int:
    """1 where any failed; else the largest of all, so that 0 means that each passed or was built."""
    codes = [cell.exit_code for cell in cells]
    return CheckFailed.exit_code if CheckFailed.exit_code in codes else max(codes, default=0)


def _tried(model: Model, board: Board, report: Report) -> Cell:
    broken = [
        f"{line.name} is {line.value:g}, the limit {line.limit:g}"
        for line in report.budgets
        if line.ok is False
    ]
    unknown = [f"{line.name}: {line.reason}" for line in report.budgets if line.ok is None]
    cell = Cell(
        model.name,
        board.name,
        report.verdict,
        EXIT_CODES[report.verdict],
        "; ".join(broken or (unknown if report.verdict != "pass" else [])),
        report.replay.frames,
        report.bit_exact.frames,
        report.accuracy.device,
        report.latency.unit,
        report.latency.p50,
        report.latency.p99,
    )
    return _sized(cell, report.build)


def _sized(cell: Cell, build: Build) -> Cell:
    flash, ram = build.flash, build.ram
    return replace(cell, flash=flash.total, ram=ram.total, arena=ram.arena, stack=ram.stack_bound)
