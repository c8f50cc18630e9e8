# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a board, builds, flashes or starts the emulator, greets, shows what the board sends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.commands._job import with_compiler, with_job
from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.commands._job import Job


@click.command()
@with_job
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL. Default: the emulator.")
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", help="Of the line, in bit/s.")
@with_compiler
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Default: build/BOARD.")
@click.option("--seconds", type=click.FloatRange(min=0.1), metavar="S", help="Default: until Ctrl-C.")
@with_console
def command(
    console: Console,
    job: Job,
    port: str | None,
    baud: int | None,
    output: Path | None,
    seconds: float | None,
) -> None:
    """Build MODEL, put it onto the board, greet it, and show what it sends until Ctrl-C."""
    from dataclasses import asdict

    from tinyedge import board as boards
    from tinyedge import pipeline, transport
    from tinyedge.bench import attach
    from tinyedge.commands._watch import watch
    from tinyedge.errors import UsageError

    if job.board is None:
        raise UsageError("no board is given", "`--board NAME`; `tinyedge boards` lists them")
    board = attach.at_baud(boards.load(job.board), baud)
    port = attach.choose(board, port, console)
    board = attach.for_port(console, board, port)
    out = output or Path("build") / board.name
    build = pipeline.build(job.load(console), board, out, job.options)
    hello = attach.start(console, board, out, build, port)
    console.say(f"{hello.board} answers: build {hello.build_id}, {hello.model}; Ctrl-C ends it")
    seen = watch(console, transport.open_board(board, out / build.image.elf, port), seconds, build)
    console.finish({"board": board.name, "hello": asdict(hello), **seen})
