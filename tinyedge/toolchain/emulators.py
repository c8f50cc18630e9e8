# SPDX-License-Identifier: Apache-2.0
"""Takes a board, says whether the program that stands in for it is installed, and how to install it."""

from __future__ import annotations

import importlib.util
import shutil

from tinyedge.board import Board
from tinyedge.process import packages


def missing(board: Board) -> str | None:
    """None when the board has no emulator or it is here, else the command that installs it."""
    if board.emulator is None:
        return None
    program = board.emulator.command[0]
    # The host board's "emulator" is the image itself; labwired is a Python module.
    module = program.isidentifier() and importlib.util.find_spec(program) is not None
    if program == "{elf}" or module or shutil.which(program):
        return None
    return packages.install(program)
