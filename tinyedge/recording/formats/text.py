# SPDX-License-Identifier: Apache-2.0
"""CSV in the dialects of loggers and spreadsheets: separator, decimal mark, encoding and comments.

What [recording] of tinyedge.toml does not give is recognised from the first lines, and noted.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Column, Table

SUFFIXES = (".csv", ".tsv", ".txt", ".log")

_SAMPLE = 50  # lines that are looked at
_SEPARATORS = "\t;|, "  # a comma may be a decimal mark, so it comes behind what can only separate
_NAMES = {"\t": "tabs", ";": "semicolons", "|": "bars", " ": "blanks"}
_COMMENTS = ("#", "//", "%")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_LONGEST = 1 << 20  # characters of a line: a file without line ends is no table


@dataclass(frozen=True)
class _Dialect:
    encoding: str
    separator: str
    decimal: str
    comments: tuple[str, ...]
    notes: tuple[str, ...]


def read(path: Path, columns: Columns) -> Table:
    """Every row; a header is optional, and so is a `#` before comments."""
    encoding = columns.encoding or _encoding(path)
    try:
        dialect = _dialect(path, encoding, columns)
        return _table(path, dialect)
    except (OSError, UnicodeError, LookupError, csv.Error) as error:
        raise UsageError(
            f"cannot read {path}: it is not CSV text ({error})",
            "write the file again, or name its encoding under [recording]",
        ) from None


def _encoding(path: Path) -> str:
    """By the byte order mark; UTF-8 if the whole file is, else Latin-1, as older spreadsheets write."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"


def _lines(path: Path, encoding: str, comments: tuple[str, ...]) -> Iterator[str]:
    """Lines that are neither blank nor comments."""
    with path.open(encoding=encoding, newline="") as file:
        while line := file.readline(_LONGEST):
            if len(line) == _LONGEST:
                raise csv.Error(f"a line of more than {_LONGEST:,} characters")
            if line.strip() and not line.lstrip().startswith(comments):
                yield line


def _dialect(path: Path, encoding: str, columns: Columns) -> _Dialect:
    comments = _COMMENTS if columns.comment is None else (columns.comment,)
    sample = list(islice(_lines(path, encoding, comments), _SAMPLE))
    separator = columns.separator or _separator(sample)
    cells = [cell.strip() for line in sample[1:] for cell in line.split(separator)]
    commas = separator != "," and any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    decimal = columns.decimal or ("," if commas else ".")
    notes = []
    if columns.separator is None and separator != ",":
        notes.append(f"columns separated by {_NAMES[separator]}")
    if columns.decimal is None and decimal == ",":
        notes.append("decimal commas")
    if columns.encoding is None and encoding != "utf-8-sig":
        notes.append(f"text taken as {encoding}")
    return _Dialect(encoding, separator, decimal, comments, tuple(notes))


def _separator(sample: list[str]) -> str:
    """The first of _SEPARATORS that every line has equally often; else the one that most lines have."""
    counts = {mark: [line.strip().count(mark) for line in sample] for mark in _SEPARATORS}
    # A cut last line has fewer.
    whole = {mark: set(found[:-1] or found) for mark, found in counts.items()}
    for mark, found in whole.items():
        if len(found) == 1 and found != {0}:
            return mark
    most = max(_SEPARATORS, key=lambda mark: sum(1 for count in counts[mark] if count))
    return most if any(counts[most]) else ","


def _table(path: Path, dialect: _Dialect) -> Table:
    lines = _lines(path, dialect.encoding, dialect.comments)
    rows = csv.reader(lines, delimiter=dialect.separator, skipinitialspace=True)
    first = next(rows, None)
    if first is None:
        raise _empty(path)
    first = [cell.strip() for cell in first]
    header = not any(_number(cell, dialect.decimal) is not None for cell in first)
    names = first if header else [""] * len(first)
    columns: list[array[float] | list[str]] | None = None
    number = 1 if header else 0
    for cells in rows if header else _chain(first, rows):
        number += 1
        if columns is None:
            names, columns = _begin(path, number, names, cells, dialect)
        _append(path, number, names, cells, columns, dialect)
    if columns is None:
        raise _empty(path)
    _check_words(path, 2 if header else 1, names, columns, dialect)
    done: tuple[Column, ...] = tuple(
        column if isinstance(column, list) else np.frombuffer(column, np.float64) for column in columns
    )
    return Table(tuple(names), done, 2 if header else 1, notes=dialect.notes)


def _chain(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest


def _empty(path: Path) -> UsageError:
    return UsageError(f"{path} holds no numbers", "write one row of numbers for each time step")


def _begin(
    path: Path, number: int, names: list[str], cells: list[str], dialect: _Dialect
) -> tuple[list[str], list[array[float] | list[str]]]:
    """Names for all columns of the first row of numbers, and a column for each: of numbers or of words."""
    if len(cells) == len(names) + 1 and not cells[-1].strip():
        names = [*names, ""]  # every row ends with a separator, the header does not
    if len(cells) != len(names):
        raise _ragged(path, number, len(cells), len(names))
    columns: list[array[float] | list[str]] = [
        array("d") if _number(cell.strip(), dialect.decimal) is not None else [] for cell in cells
    ]
    return names, columns


def _append(
    path: Path,
    number: int,
    names: list[str],
    cells: list[str],
    columns: list[array[float] | list[str]],
    dialect: _Dialect,
) -> None:
    if len(cells) != len(columns):
        raise _ragged(path, number, len(cells), len(columns))
    for at, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        text = cell.strip()
        if isinstance(column, list):
            column.append(text)
            continue
        value = _number(text, dialect.decimal)
        if value is None:
            raise _no_number(path, number, at, names[at], text)
        column.append(value)


def _check_words(
    path: Path, first: int, names: list[str], columns: list[array[float] | list[str]], dialect: _Dialect
) -> None:
    """A column that begins with a word holds words: with a number below, its beginning is the fault."""
    for at, column in enumerate(columns):
        if isinstance(column, list) and any(_number(cell, dialect.decimal) is not None for cell in column):
            raise _no_number(path, first, at, names[at], column[0])


def _no_number(path: Path, number: int, at: int, name: str, text: str) -> UsageError:
    called = f" ({name})" if name else ""
    return UsageError(
        f"{path}: row {number}, column {at + 1}{called} is {text[:40]!r}, not a number",
        "write numbers only, or name the column of labels: `label = ...` under [recording]",
    )


def _ragged(path: Path, number: int, found: int, wanted: int) -> UsageError:
    return UsageError(
        f"{path}: row {number} has {found} columns, the ones before have {wanted}",
        "give every row the same columns; if it is the last row, the logger was cut off: delete it",
    )


def _number(cell: str, decimal: str) -> float | None:
    if decimal == ",":
        cell = cell.replace(",", ".", 1)
    # float() also takes underscores and digits of other scripts, which no logger means as numbers.
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell)
    except ValueError:
        return None
