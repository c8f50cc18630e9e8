# SPDX-License-Identifier: Apache-2.0
"""JSON lines: an object of numbers and words a line, with the same keys in each, or a list of numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tinyedge import text
from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording import spool
from tinyedge.recording.formats import Column, Table, check_width

SUFFIXES = (".jsonl", ".ndjson")
_DEEPEST = 4  # objects in objects


def read(path: Path, columns: Columns) -> Table:
    """Keys are names of columns, in the order of the first line."""
    names: tuple[str, ...] | None = None
    made: list[spool.Column | list[str]] = []
    places: list[tuple[int, int]] = []
    row = expected = 0
    try:
        with path.open(encoding=columns.encoding or "utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                found = _flat(_decoded(path, number, line))
                if names is None:
                    names = _names(found)
                    check_width(path, len(names))
                cells = _row(path, number, found, names)
                made = made or [[] if isinstance(cell, str) else spool.Column() for cell in cells]
                for name, column, cell in zip(names, made, cells, strict=True):
                    _append(path, number, name, column, cell)
                if number != expected:
                    places.append((row, number))
                row, expected = row + 1, number + 1
    except (OSError, UnicodeError, LookupError, ValueError, RecursionError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"cannot read {path}: it is not JSON lines ({error})", "write the file again"
        ) from None
    if names is None:
        raise UsageError(f"{path} holds no numbers", "write one object of numbers for each time step")
    return Table(names, tuple(map(_column, made)), tuple(places))


def _decoded(path: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}: row {number} is not JSON: {error.msg} at column {error.colno}",
            "write one object a line; if it is the last row, the logger was cut off: delete it",
        ) from None


def _flat(found: Any, depth: int = 0) -> Any:
    """An object without others in it: {"acc": {"x": 1}, "gyro": [2]} has the keys `acc.x` and `gyro.0`."""
    if not isinstance(found, dict) or depth > _DEEPEST:
        return found
    flat: list[tuple[str, Any]] = []
    for key, value in found.items():
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, dict):
            flat += [(f"{key}.{each}", cell) for each, cell in _flat(inner, depth + 1).items()]
        else:
            flat.append((str(key), value))
    return _object(flat)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """ValueError where two values are called the same: one would be read for the other."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise ValueError(f"`{text.visible(twice)}` is there twice in an object")
    return made


def _names(found: Any) -> tuple[str, ...]:
    if isinstance(found, dict):
        return tuple(found)
    return ("",) * (len(found) if isinstance(found, list) else 1)


def _wanted(names: tuple[str, ...]) -> str:
    return text.listed(filter(None, names)) or str(len(names))


def _row(path: Path, number: int, found: Any, names: tuple[str, ...]) -> list[Any]:
    row = [found.get(name) for name in names] if isinstance(found, dict) else found
    if (
        not isinstance(row, list)
        or len(row) != len(names)
        or any(not isinstance(v, int | float | str) for v in row)
    ):
        raise UsageError(
            f"{path}: row {number} does not hold {_wanted(names)} as numbers or words",
            "give every line the same keys, with a number or a word each",
        )
    return row


def _append(path: Path, number: int, name: str, column: spool.Column | list[str], cell: Any) -> None:
    if isinstance(column, list) and isinstance(cell, str):
        column.append(column[-1] if column and column[-1] == cell else cell)
    elif isinstance(column, list) or isinstance(cell, str):
        kinds = ("a word", "words") if isinstance(column, list) else ("a number", "numbers")
        raise UsageError(
            f"{path}: row {number}, `{name}` is {str(cell)[:40]!r}, not {kinds[0]} as in the rows above",
            f"write {kinds[1]} only",
        )
    else:
        try:
            column.append(float(cell))
        except OverflowError:
            raise UsageError(
                f"{path}: row {number}, `{name}` is an integer beyond any sensor's", "write the file again"
            ) from None


def _column(made: spool.Column | list[str]) -> Column:
    if isinstance(made, spool.Column):
        return made.done()
    numbers = [_number(cell) for cell in made]
    return made if None in numbers else np.array(numbers, np.float64)


def _number(text: str) -> float | None:
    """A number that was written as a word."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None
