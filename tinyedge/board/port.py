# SPDX-License-Identifier: Apache-2.0
"""Takes a Board, gives the files of its port: those of firmware/ports/ and those beside the board's file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tinyedge import paths
from tinyedge.errors import UsageError

if TYPE_CHECKING:
    from tinyedge.board import Board

SUFFIXES = frozenset({".c", ".h", ".S"})
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def files(board: Board) -> dict[str, Path]:
    """ports/<folder>/<file> -> where it lies. A file of one's own comes before ours of the same name.

    UsageError where there is no such folder, or something in it leads out of the board file's folder.
    """
    found: dict[str, Path] = {}
    for folder in board.port_folders:
        roots = [paths.firmware() / "ports", *([board.folder] if board.folder else [])]
        there = [root for root in roots if (root / folder).is_dir()]
        if not there:
            raise UsageError(
                f"{board.name}: there is no folder {folder}",
                "`port` and `drivers` of a board name folders of firmware/ports/, or beside the board's file",
            )
        for root in there:
            found |= {f"ports/{folder}/{file.name}": file for file in _sources(root, folder)}
    return found


def own_folders(board: Board) -> list[str]:
    """The folders of the port that lie beside the board's file."""
    root = board.folder
    return [] if root is None else [folder for folder in board.port_folders if _sources(root, folder)]


def _sources(root: Path, folder: str) -> list[Path]:
    """The C files of a folder; UsageError for one that lies elsewhere, or whose name is not plain."""
    try:
        inside = sorted(file for file in (root / folder).iterdir() if file.suffix in SUFFIXES)
    except OSError:
        return []
    for file in inside:
        if not (file.is_file() and file.resolve().is_relative_to(root.resolve())):
            raise UsageError(f"{file} is no file below {root}", "a port's files lie in its own folder")
        if not _NAME.fullmatch(file.name):
            raise UsageError(f"{str(file)!r} has a name that is not plain", "letters, digits, `_`, `-`, `.`")
    return inside
