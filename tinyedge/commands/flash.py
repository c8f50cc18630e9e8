# SPDX-License-Identifier: Apache-2.0
"""Takes a build folder and a port, puts the build onto the board, verifies it and greets the firmware."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build


class Baud(click.IntRange):
    """A rate; who gives a board's name, as -b of other commands takes it, is told."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click."""
        if isinstance(value, str) and not value.lstrip("-").isdigit():
            self.fail(
                f"{value!r} is no rate: -b is the baud rate here; the board is `--board {value}`", param, ctx
            )
        return super().convert(value, param, ctx)


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL. Default: by VID:PID.")
@click.option("--baud", "-b", type=Baud(min=1), metavar="BAUD", help="For flashing, in bit/s.")
@click.option("--board", metavar="FILE", help="The board's TOML file, when it is one of your own.")
@with_console
def command(
    console: Console, folder: Path | None, port: str | None, baud: int | None, board: str | None
) -> None:
    """Put the build in DIR (default: build/BOARD of tinyedge.toml) onto its board and verify it.

    Of a module of MicroPython, the form that the board runs.
    """
    from dataclasses import asdict

    from tinyedge import flash
    from tinyedge.bench import attach
    from tinyedge.build import Build
    from tinyedge.micropython import deploy

    folder = folder or _default(board)
    if deploy.is_here(folder):
        _copy_module(console, folder, port, baud)
        return
    build = Build.read(folder)
    target = _board(build, board)
    needed = flash.method(target).NEEDS_PORT
    port, console_port = attach.to_flash(target, port, needed)
    verified = attach.flash(console, target, folder, build, port, baud)
    assert target.flasher is not None
    console.say(f"flashed {target.name} by {target.flasher.method}; verified: {verified}")
    hello, silence = attach.greet_or_why(target, folder, build, console_port)
    if hello is not None:
        console.say(f"{console_port} answers: build {hello.build_id}, {hello.model} on {hello.board}")
    else:
        console.warn(f"the firmware was not greeted: {silence}")
    console.finish(
        {
            "board": target.name,
            "method": target.flasher.method,
            "port": port,
            "files": list(build.image.files),
            "build_id": build.image.build_id,
            "verified": verified,
            "hello": None if hello is None else asdict(hello),
            "not_greeted": silence or None,
        }
    )


def _copy_module(console: Console, folder: Path, port: str | None, baud: int | None) -> None:
    from dataclasses import asdict

    from tinyedge import transport
    from tinyedge.errors import UsageError
    from tinyedge.line.repl import Repl
    from tinyedge.micropython import deploy

    if port is None:
        raise UsageError("no port is given", "-p PORT; `tinyedge ports` lists them")
    line = transport.open(port, baud=baud)
    try:
        with Repl(line) as repl, console.progress("copying the module") as advance:
            deployed = deploy.deploy(repl, folder, advance)
    finally:
        line.close()
    for form, why in deployed.unfit.items():
        console.warn(f"not {form}: {why}")
    release = ".".join(map(str, deployed.interpreter.version))
    console.say(f"copied {folder / deployed.file}, {deployed.size:,} bytes; verified: SHA-256, and imported")
    console.say(f"MicroPython {release}, {deployed.interpreter.machine}: `import model`")
    console.finish(asdict(deployed))


def _default(board: str | None) -> Path:
    """build/BOARD of the current folder."""
    from tinyedge import board as boards
    from tinyedge import project
    from tinyedge.errors import UsageError

    file = project.find()
    name = board or (project.load(file).board if file is not None else None)
    if name is None:
        raise UsageError("no build folder is given", "name one: `tinyedge flash build/BOARD`")
    return Path("build") / boards.load(name).name


def _board(build: Build, file: str | None) -> Board:
    """The board that was built for, from its file if that is not one of ours."""
    from tinyedge import board as boards
    from tinyedge import project
    from tinyedge.errors import UsageError

    name = build.board
    settings = project.find()
    given = file or (project.load(settings).board if settings else None)
    if given is not None and Path(given).name.removesuffix(".toml") == name:
        return boards.load(given)
    if file is not None:
        raise UsageError(f"the build is for {name}, not for {file}", "build for the board that is plugged in")
    try:
        return boards.load(name)
    except UsageError as error:
        raise UsageError(str(error), "name the board's file: --board FILE.toml") from error
