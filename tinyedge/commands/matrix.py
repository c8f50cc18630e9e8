# SPDX-License-Identifier: Apache-2.0
"""Takes models and boards, shows one table: each model on each board's emulator, judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.commands._job import with_flash, with_optimize, with_trust
from tinyedge.console import Console, with_console
from tinyedge.options import CHOICES, Optimize, Rounding

if TYPE_CHECKING:
    from tinyedge.bench.matrix import Cell
    from tinyedge.board import Board

_PATH = click.Path(path_type=Path)
_COLUMNS = (
    "model",
    "board",
    "",
    "bit-exact",
    "accuracy",
    "p50",
    "p99",
    "unit",
    "flash",
    "RAM",
    "stack",
    "why",
)


@click.command()
@click.argument("models", metavar="[MODEL]...", nargs=-1, type=_PATH)
@click.option(
    "--board", "-b", "boards", multiple=True, metavar="B", help="Repeat it; `all`: every board there is."
)
@click.option("--calibrate", type=_PATH, metavar="DATA", help="For float models: typical inputs.")
@with_optimize
@click.option("--rounding", type=click.Choice(CHOICES["rounding"]), help="Whose reference kernels to equal.")
@with_flash
@with_trust
@click.option("--replay", type=_PATH, metavar="REC", help="A recording; default: the project's, else random.")
@click.option("--frames", type=click.IntRange(min=1), metavar="N", help="Replay only the first N.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="At a time. Default: processors.")
@click.option(
    "--output", "-o", type=_PATH, default=Path("build/matrix"), metavar="DIR", help="Of the builds."
)
@click.option("--markdown", type=_PATH, metavar="F", help="Write the table for a pull request.")
@with_console
def command(
    console: Console,
    models: tuple[Path, ...],
    boards: tuple[str, ...],
    calibrate: Path | None,
    optimize: Optimize | None,
    rounding: Rounding | None,
    flash: int | None,
    trust: bool,
    replay: Path | None,
    frames: int | None,
    jobs: int | None,
    output: Path,
    markdown: Path | None,
) -> int:
    """Build each MODEL for each board, replay on its emulator, judge; one table, exit with 1 if any fails."""
    from dataclasses import asdict

    from tinyedge import paths
    from tinyedge.bench import matrix, trial
    from tinyedge.commands._job import resolve
    from tinyedge.errors import UsageError
    from tinyedge.judge.markdown import table
    from tinyedge.project import Replay

    wanted = [
        resolve(model, None, calibrate, optimize, rounding, None, trust, flash) for model in models or (None,)
    ]
    known = wanted[0].project
    loaded = [job.load(console) for job in wanted]
    names = [model.name for model in loaded]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"two of the models are called {twice}", "rename one of the files")
    given: Replay | int = matrix.FRAMES if frames is None else frames
    if replay is not None:
        given = Replay(file=replay)
    elif known is not None and known.replay is not None:
        given = known.replay
    cells = matrix.matrix(
        loaded,
        _boards(boards or ((wanted[0].board,) if wanted[0].board else ())),
        output,
        replay=given,
        frames=frames,
        options=replace(wanted[0].options, compiler=None),
        budget=known.budget if known else trial.NO_LIMITS,
        signal=known.input if known else None,
        columns=known.recording if known else None,
        task=known.task if known else trial.NO_TASK,
        jobs=jobs,
        observer=console,
    )
    rows = [_row(cell) for cell in cells]
    console.table(_COLUMNS, rows)
    document = matrix.table(cells)
    if markdown is not None:
        texts = [[_text(value) for value in row] for row in rows]
        title = f"### tinyedge: {len(loaded)} models on {len(cells) // len(loaded)} boards"
        paths.write_atomic(markdown, f"{title}\n\n{table(_COLUMNS, texts, 'lllrrrrlrrrl')}\n")
    console.finish(asdict(document))
    return document.exit_code


def _boards(names: tuple[str, ...]) -> list[Board]:
    from tinyedge import board as boards
    from tinyedge.errors import UsageError

    if not names:
        raise UsageError("no board is given", "`-b NAME -b NAME`, or `-b all`; `tinyedge boards` lists them")
    return [boards.load(name) for name in (boards.names() if names == ("all",) else dict.fromkeys(names))]


def _row(cell: Cell) -> tuple[str | int | None, ...]:
    exact = None if cell.bit_exact_frames is None else f"{cell.bit_exact_frames} of {cell.frames}"
    accuracy = None if cell.accuracy is None else f"{cell.accuracy:.4f}"
    return (
        cell.model,
        cell.board,
        cell.outcome,
        exact,
        accuracy,
        None if cell.p50 is None else round(cell.p50),
        None if cell.p99 is None else round(cell.p99),
        cell.unit,
        cell.flash,
        cell.ram,
        cell.stack,
        cell.reason,
    )


def _text(value: str | int | None) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else value
