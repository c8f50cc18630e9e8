# SPDX-License-Identifier: Apache-2.0
"""Takes a new or empty folder, gives a project in it that builds and passes its test."""

from __future__ import annotations

from pathlib import Path

import click

from tinyedge.console import Console, with_console

# A file called .gitignore would hide files of our own repository.
_RENAMED = {"gitignore": ".gitignore"}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@with_console
def command(console: Console, folder: Path) -> None:
    """Make a project with a working example in DIR, which must be new or empty."""
    written = fill(folder)
    console.say(f"{folder}: {', '.join(path.name for path in written)}")
    console.say("next:")
    for line in (f"cd {folder}", "tinyedge check", "tinyedge test", "tinyedge test --board mps3-an547"):
        console.say(f"  {line}")
    console.finish({"folder": str(folder), "files": [path.name for path in written]})


def fill(folder: Path) -> list[Path]:
    """Copy the template; the paths written. UsageError when the folder is not empty or cannot be written."""
    from tinyedge import paths
    from tinyedge.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a new folder")
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
                paths.write_atomic(target, source.read_bytes())
                written.append(target)
    except BaseException:  # Ctrl-C too: a half-made project is worse than none
        for path in written:
            path.unlink(missing_ok=True)
        if new and folder.is_dir():
            folder.rmdir()
        raise
    return written
