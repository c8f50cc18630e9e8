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

    The file that makes a folder a project comes last, and what a killed `init` left is taken up again.
    UsageError when the folder is not empty or cannot be written, or there is no such board.
    """
    from tinyedge import board as boards
    from tinyedge import paths, project
    from tinyedge.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a new folder")
    boards.load(board)
    named = board if not board.endswith(".toml") else Path(os.path.relpath(board, folder)).as_posix()
    files = _files(named)
    new = not folder.exists()
    with paths.scratch(folder if new else folder / project.FILE_NAME) as staged:
        if not new:
            _refuse(folder, files, staged)
        for name, content in files.items():
            paths.write_atomic(staged / name, content)
        if new:
            paths.move(staged, folder)
        else:
            _into(folder, staged, list(files))
    return [folder / name for name in files]


def _files(board: str) -> dict[str, bytes]:
    """Names and contents, tinyedge.toml last."""
    from tinyedge import paths, project

    template = sorted(source for source in (paths.templates() / "init").iterdir() if source.is_file())
    files = {_RENAMED.get(source.name, source.name): source.read_bytes() for source in template}
    told = files.pop(project.FILE_NAME).replace(_BOARD, f"board = {json.dumps(board)}".encode(), 1)
    return {**files, project.FILE_NAME: told}


def _refuse(folder: Path, files: dict[str, bytes], staged: Path) -> None:
    """UsageError where the folder is a project already, or holds anything but what we are about to write."""
    from tinyedge import project
    from tinyedge.errors import UsageError

    held = sorted(path for path in folder.iterdir() if path != staged)
    if folder / project.FILE_NAME not in held:
        held = [path for path in held if not path.is_file() or files.get(path.name) != path.read_bytes()]
    if held:
        more = f" and {len(held) - 1} more" if held[1:] else ""
        raise UsageError(f"{folder} is not empty: it holds {held[0].name}{more}", "name a new folder")


def _into(folder: Path, staged: Path, names: list[str]) -> None:
    """Move them all, or none; there is a project once the last is there."""
    from tinyedge import paths

    written: list[Path] = []
    try:
        for name in names:
            paths.move(staged / name, folder / name)
            written.append(folder / name)
    except BaseException:  # Ctrl-C too: a half-made project is worse than none
        for path in written if not (folder / names[-1]).exists() else ():
            path.unlink(missing_ok=True)
        raise
