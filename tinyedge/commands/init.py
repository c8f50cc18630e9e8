# SPDX-License-Identifier: Apache-2.0
"""Takes a folder, gives a project in it: an example that passes its test, or a model of the user's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinyedge.console import Console, with_console

if TYPE_CHECKING:
    from tinyedge.bench.adopt import Given

# A file called .gitignore would hide files of our own repository.
_RENAMED = {"gitignore": ".gitignore"}
_BOARD = b'board = "host"'


_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=_FILE)
@click.option("-b", "--board", default="host", help="A name from `tinyedge boards`, or a TOML of your own.")
@click.option(
    "--model", type=_FILE, metavar="MODEL", help="Yours, instead of an example's; with --recording."
)
@click.option("--recording", type=_FILE, metavar="REC", help="What MODEL is tested by.")
@click.option(
    "--calibrate", type=_FILE, metavar="DATA", help="For a float MODEL: typical inputs. Default: REC."
)
@click.option("--window", type=click.IntRange(min=1), metavar="N", help="Rows of REC for one input of MODEL.")
@click.option("--hop", type=click.IntRange(min=1), metavar="N", help="Rows between inputs. Default: window.")
@click.option("--channels", metavar="A,B,...", help="Columns of REC, in MODEL's order. Default: all numbers.")
@with_console
def command(
    console: Console,
    folder: Path,
    board: str,
    model: Path | None,
    recording: Path | None,
    calibrate: Path | None,
    window: int | None,
    hop: int | None,
    channels: str | None,
) -> None:
    """Make a project in DIR: a working example, or a tinyedge.toml for a MODEL and a recording of yours.

    For an example DIR must be new or empty. For a MODEL of yours it may be the folder where that is (`.`):
    only tinyedge.toml and .gitignore are written, and no project is replaced.
    """
    from tinyedge.bench.adopt import Given
    from tinyedge.errors import UsageError

    if model is None and any((recording, calibrate, window, hop, channels)):
        raise UsageError("these options are for a model of yours, and none is named", "add `--model MODEL`")
    if model is None:
        written = fill(folder, board)
    elif recording is None:
        raise UsageError("a model is named, and no recording to test it by", "add `--recording REC`")
    else:
        names = tuple(name.strip() for name in channels.split(",")) if channels else ()
        given = Given(model, recording, calibrate, window, hop, names)
        written = take(folder, board, given, console)
    console.say(f"{folder}: {', '.join(path.name for path in written)}")
    console.say("next:")
    other = ("tinyedge test --board mps3-an547",) if board == "host" else ("tinyedge test --board host",)
    there = () if folder.resolve() == Path.cwd() else (f"cd {folder}",)
    for line in (*there, "tinyedge check", "tinyedge test", *other):
        console.say(f"  {line}")
    console.finish({"folder": str(folder), "files": [path.name for path in written]})


def take(folder: Path, board: str, given: Given, console: Console) -> list[Path]:
    """Write a tinyedge.toml for a model and a recording that are there; the paths written.

    UsageError where `folder` is a project already, and whatever `adopt` raises: nothing is written then.
    """
    from tinyedge import board as boards
    from tinyedge import paths, project
    from tinyedge.bench.adopt import adopt
    from tinyedge.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a folder")
    if (folder / project.FILE_NAME).exists():
        raise UsageError(
            f"{folder} is a project already: it has a {project.FILE_NAME}", "name another folder"
        )
    told = adopt(given, boards.load(board), _named(board, folder), folder, console)
    files = {".gitignore": b"build/\n", project.FILE_NAME: told.encode()}
    written = [folder / name for name in files if not (folder / name).exists()]
    for path in written:
        paths.write_atomic(path, files[path.name])
    return written


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
    files = _files(_named(board, folder))
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


def _named(board: str, folder: Path) -> str:
    """The board as a tinyedge.toml in `folder` names it."""
    from tinyedge import paths

    return board if not board.endswith(".toml") else paths.told(Path(os.path.relpath(board, folder)))


def _files(board: str) -> dict[str, bytes]:
    """Names and contents, tinyedge.toml last."""
    from tinyedge import paths, project, text

    template = sorted(source for source in (paths.templates() / "init").iterdir() if source.is_file())
    files = {_RENAMED.get(source.name, source.name): source.read_bytes() for source in template}
    told = files.pop(project.FILE_NAME).replace(_BOARD, f"board = {text.toml(board)}".encode(), 1)
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
        raise UsageError(
            f"{folder} is not empty: it holds {held[0].name}{more}",
            "name a new folder, or, for what is there, `--model MODEL --recording REC`",
        )


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
