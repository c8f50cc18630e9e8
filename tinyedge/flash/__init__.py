# SPDX-License-Identifier: Apache-2.0
"""Takes a board, a build and a port, puts the build onto the board, verified; a file here is a method.

A method's module has flash(board, files, port, baud, progress), which writes the files of the build, verifies
what it wrote, starts the firmware and says in words how it verified; NEEDS_PORT, whether it works over a
serial port; TAKES_ELF, whether it wants the ELF and not what the board's [image] makes of it; Facts, its own
keys of [flasher]; and install(), which gives the command that installs what it lacks, None when it lacks
nothing.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.errors import UsageError

Progress = Callable[[float], object]  # called with the share of the work that is done: 0 to 1, never falling


def flash(
    board: Board,
    folder: Path,
    build: Build,
    port: str | None,
    baud: int | None = None,
    progress: Progress = lambda share: None,
) -> str:
    """Put the `build` in `folder` onto the board at `port`, verified; say how.

    port: a device or URL, None for a method that needs none. baud: bit/s for flashing, None for the method's
    own. Raises UsageError for a wrong key or a build that has no such file, ToolMissing without the method's
    program, DeviceError when the board or the line fails; the next try starts from the beginning.
    """
    module = method(board)
    if module.NEEDS_PORT and port is None:
        raise UsageError(f"no port is given for {board.name}", "-p PORT; `tinyedge ports` lists them")
    names = (build.image.elf,) if module.TAKES_ELF else build.image.files
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise UsageError(f"there is no {name} in {folder}", "build again: `tinyedge build`")
    files = tuple((folder / name).resolve() for name in names)
    verified: str = module.flash(board, files, port, baud, progress)
    return verified


def method(board: Board) -> ModuleType:
    """The module that flashes `board`; UsageError when it has none."""
    if board.flasher is None:
        raise UsageError(
            f"tinyedge cannot flash {board.name}: its board file has no [flasher]",
            "an emulated board needs no flashing: `tinyedge test` starts the emulator",
        )
    known = sorted(info.name for info in pkgutil.iter_modules(__path__))
    if board.flasher.method not in known:
        raise UsageError(
            f"{board.name}: there is no flash method {board.flasher.method!r}", f"methods: {', '.join(known)}"
        )
    return importlib.import_module(f"{__name__}.{board.flasher.method}")


def single(board: Board, files: tuple[Path, ...], suffix: str) -> Path:
    """The one file with this suffix that a method puts onto the board; UsageError when there is not one."""
    found = [file for file in files if file.suffix == suffix]
    if len(found) != 1:
        names = ", ".join(file.name for file in files)
        raise UsageError(
            f"flashing {board.name} takes one {suffix} file, and the build has {len(found)} ({names})",
            "see [image] and [flasher] in the board's TOML",
        )
    return found[0]
