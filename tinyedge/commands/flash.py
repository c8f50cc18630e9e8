# SPDX-License-Identifier: Apache-2.0
"""Takes a build folder and a port, puts the build onto the board, verifies it and greets the firmware."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.board import Board
    from tinyedge.build import Build


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--port", "-p", metavar="PORT", help="Device, glob, VID:PID or URL. Default: by VID:PID.")
@click.option("--baud", "-b", type=click.IntRange(min=1), metavar="BAUD", help="For flashing, in bit/s.")
@click.option("--board", metavar="FILE", help="The board's TOML file, when it is one of your own.")
@with_console
def command(
    console: Console, folder: Path | None, port: str | None, baud: int | None, board: str | None
) -> None:
    """Put the build in DIR (default: build/BOARD of tinyedge.toml) onto its board and verify it."""
    from dataclasses import asdict

    from tinyedge import flash
    from tinyedge.bench import attach
    from tinyedge.build import Build
    from tinyedge.errors import DeviceError
    from tinyedge.line.device import OtherBuild

    folder = folder or _default(board)
    build = Build.read(folder)
    target = _board(build, board)
    needed = flash.method(target).NEEDS_PORT
    port, console_port = _ports(target, port, needed)
    verified = attach.flash(console, target, folder, build, port, baud)
    assert target.flasher is not None
    console.say(f"flashed {target.name} by {target.flasher.method}; verified: {verified}")
    hello, silence = None, "its serial port is not known"
    if console_port is not None:
        try:
            hello = attach.greet_flashed(target, folder, build, console_port)
        except OtherBuild:
            raise
        except DeviceError as error:
            # The image is on the board and verified; whether its line is connected is another matter.
            silence = str(error)
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
            "not_greeted": None if hello is not None else silence,
        }
    )


def _ports(board: Board, port: str | None, needed: bool) -> tuple[str | None, str | None]:
    """The port to flash by, and the one to greet at; None where it is not known and not needed."""
    from tinyedge.bench import ports
    from tinyedge.errors import TinyedgeError
    from tinyedge.transport import serial

    drive = port is not None and Path(port).is_dir()  # of a UF2 boot ROM
    if port is not None and not drive:
        port = serial.resolve(port)
        return port, port
    try:
        found = ports.find(board)
    except TinyedgeError:
        if needed:
            raise
        found = None
    return port or found, found


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
