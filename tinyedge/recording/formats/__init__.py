# SPDX-License-Identifier: Apache-2.0
"""Files of samples, one format a module: found by suffix, each gives a Table of columns or named arrays.

A format has `SUFFIXES` and `read(path, columns)`; `columns` is [recording] of tinyedge.toml.
"""

from __future__ import annotations

import bisect
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns

MOST = 1 << 18
"""Columns; a row may be a whole model input, as 224 x 224 x 3 numbers of an image are."""
_LONGEST = 1000  # characters of a name or a word
Column = Array | list[str]
"""What one column holds: float64 numbers (or any, of sounds), or words where its first row is none."""


@dataclass(frozen=True)
class Table:
    """One row a time step.

    `names` may be empty texts. `lines`: (row, line) wherever the file's lines, from 1, go on otherwise than
    one a row. `rate_hz` where the format itself states it. `full_scale`: what numbers are divided by.
    `clock`: a column that the format knows to be times, in `clock_unit` (None for words). `notes`: what was
    recognised and not given, one sentence each.
    """

    names: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[tuple[int, int], ...] = ((0, 1),)
    rate_hz: float | None = None
    notes: tuple[str, ...] = ()
    clock: int | None = None
    clock_unit: str | None = None
    full_scale: float = 1.0

    def line(self, row: int) -> int:
        """Where in the file people find this row, which is counted from 0."""
        start, line = self.lines[bisect.bisect_right(self.lines, row, key=lambda each: each[0]) - 1]
        return line + row - start


@dataclass(frozen=True)
class Arrays:
    """Arrays by name, as they stand in the file."""

    arrays: Mapping[str, NDArray[np.generic]]


class Format(Protocol):
    """A module of this folder."""

    SUFFIXES: tuple[str, ...]

    def read(self, path: Path, columns: Columns) -> Table | Arrays:
        """Read the file; UsageError says what is wrong with it."""


def suffixes() -> tuple[str, ...]:
    """Every suffix that some format reads."""
    return tuple(sorted(suffix for format in _formats() for suffix in format.SUFFIXES))


def read(path: Path, columns: Columns) -> Table | Arrays:
    """The content of `path`, by its suffix. UsageError where it is missing, of no format, or damaged."""
    if not path.is_file():
        raise UsageError(f"there is no recording {path}", f"check the path; {_known()} files are read")
    for format in _formats():
        if path.suffix.lower() in format.SUFFIXES:
            content = format.read(path, columns)
            if isinstance(content, Table):
                check_words(str(path), content.names)
            return content
    raise UsageError(f"{path} is not a recording that tinyedge reads", f"save it as one of {_known()}")


def check_width(path: Path, columns: int) -> None:
    """UsageError for more than MOST of them, each of which takes memory of its own."""
    if columns > MOST:
        raise UsageError(f"{path} has {columns:,} columns, and at most {MOST:,} are read", "save NPZ or NPY")


def check_words(what: str, words: Iterable[str]) -> None:
    """UsageError for a name or a label that is longer than any, or has half a surrogate pair, as JSON can."""
    for word in words:
        if len(word) > _LONGEST:
            raise UsageError(
                f"{what}: {word[:40]!r}... has {len(word):,} characters", f"at most {_LONGEST:,} are read"
            )
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            raise UsageError(f"{what}: {word!r} is no text", "write the file again") from None


def _known() -> str:
    return ", ".join(suffixes())


def _formats() -> list[Format]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return [cast(Format, importlib.import_module(f"{__name__}.{name}")) for name in names]
