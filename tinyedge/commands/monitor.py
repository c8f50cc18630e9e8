# SPDX-License-Identifier: Apache-2.0
"""Takes a port, shows what the board sends: frames in words, text as text, faults and restarts named."""

from __future__ import annotations

import click

from tinyedge.console import Console, with_console


@click.command()
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL. Default: by VID:PID.")
@click.option("--board", "-b", metavar="B", help="Default: the board of tinyedge.toml.")
@click.option("--baud", type=click.IntRange(min=1), metavar="BAUD", help="Bit/s. Default: the board's.")
@click.option("--seconds", type=click.FloatRange(min=0.1), metavar="S", help="Default: until Ctrl-C.")
@with_console
def command(
    console: Console, port: str | None, board: str | None, baud: int | None, seconds: float | None
) -> None:
    """Show what the board sends until Ctrl-C: frames decoded, text as text, faults named."""
    from pathlib import Path

    from tinyedge import board as boards
    from tinyedge import project, transport
    from tinyedge.bench import ports
    from tinyedge.build import FILE, Build
    from tinyedge.commands._watch import watch
    from tinyedge.errors import UsageError

    settings = project.find()
    name = board or (project.load(settings).board if settings is not None else None)
    target = None if name is None else boards.load(name)
    if port is None:
        if target is None:
            raise UsageError("neither a port nor a board is given", "-p PORT; `tinyedge ports` lists them")
        port = ports.find(target)
    rate = baud or (target.link.baud if target else None)
    reset = target.link.reset if target else None
    folder = Path("build") / target.name if target else None
    known = folder is not None and (folder / FILE).is_file()
    build = Build.read(folder) if folder is not None and known else None
    pipe = transport.open(port, baud=rate, reset=reset)
    console.say(f"{pipe.name}{f' at {rate} bit/s' if rate else ''}; Ctrl-C ends it")
    console.finish(watch(console, pipe, seconds, build))
