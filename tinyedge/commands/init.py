# SPDX-License-Identifier: Apache-2.0
"""Takes a new or empty folder, gives a project in it that builds and passes its test."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from tinyedge.console import Console, with_console

# A file called .gitignore would hide files of our own repository.
_RENAMED = {"gitignore": ".gitignore"}
_BOARD = b'board = "host"'


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("-b", "--board", default="host", help="A name from `tinyedge boards`, or a TOML of your own.")
@with_console
def command(console: Console, folder: Path, board: str) -> None:
    """Make a project with a working example in DIR, which must be new or empty."""
    written = fill(folder, board)
    console.say(f"{folder}: {', '.join(path.name for path in written)}")
    console.say("next:")
    other = ("tinyedge test --board mps3-an547",) if board == "host" else ("tinyedge test --board host",)
    for line in (f"cd {folder}", "tinyedge check", "tinyedge test", *other):
        console.say(f"  {line}")
    console.finish({"folder": str(folder), "files": [path.name for path in written]})


def fill(folder: Path, board: str = "host") -> list[Path]:
    """Copy the template, for a board; the paths written.

    UsageError when the folder is not empty or cannot be written, or there is no such board.
    """
    from tinyedge import board as boards
    from tinyedge import paths, project
    from tinyedge.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a new folder")
    boards.load(board)
    named = board if not board.endswith(".toml") else Path(os.path.relpath(board, folder)).as_posix()
    new = not folder.exists()
    try:
        held = [] if new else sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"cannot look into {folder}: {error.strerror or error}", "name a new folder"
        ) from None
    if held:
        raise UsageError(
            f"{folder} is not empty: it holds {held[0]}" + (f" and {len(held) - 1} more" if held[1:] else ""),
            "name a new folder",
        )
    written: list[Path] = []
    try:
        for source in sorted((paths.templates() / "init").iterdir()):
            if source.is_file():
                target = folder / _RENAMED.get(source.name, source.name)
                content = source.read_bytes()
                if target.name == project.FILE_NAME:
                    content = content.replace(_BOARD, f"board = {json.dumps(named)}".encode(), 1)
                paths.write_atomic(target, content)
                written.append(target)
    except BaseException:  # Ctrl-C too: a half-made project is worse than none
        for path in written:
            path.unlink(missing_ok=True)
        if new and folder.is_dir():
            folder.rmdir()
        raise
    return written
