# SPDX-License-Identifier: Apache-2.0
"""Parquet, by pyarrow: columns of numbers or words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np

from tinyedge.errors import ToolMissing, UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Column, Table

SUFFIXES = (".parquet",)


def read(path: Path, columns: Columns) -> Table:
    """Every column; the first of dates, durations or times of a day is the clock, missing values are NaN.

    Lists of equal length and structures become a column an element.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ToolMissing(
            f"pyarrow is needed to read {path} and is not installed", "pip install pyarrow"
        ) from None
    try:
        table = pyarrow.parquet.read_table(path)
        clock = next((at for at, field in enumerate(table.schema) if _temporal(field.type)), None)
        names = tuple(table.column_names)
        made = [_of_type(table.column(at)) for at in range(len(names))]
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UsageError(f"cannot read {path}: {reason}", "write the file again") from None
    flat = [each for name, column in zip(names, made, strict=True) for each in _flat(path, name, column)]
    place = None if clock is None else [name for name, _ in flat].index(names[clock])
    return Table(
        tuple(name for name, _ in flat), tuple(column for _, column in flat), clock=place, clock_unit="ns"
    )


def _temporal(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(kind) or types.is_duration(kind) or types.is_time(kind))


def _of_type(column: Any) -> list[object]:
    """The cells; those of a clock as nanoseconds."""
    import pyarrow

    if not _temporal(column.type):
        return list(column.to_pylist())
    unit = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0}[column.type.unit]
    whole = pyarrow.int32() if column.type.bit_width == 32 else pyarrow.int64()
    return [None if cell is None else cell * unit for cell in column.cast(whole).to_pylist()]


def _flat(path: Path, name: str, cells: list[object]) -> list[tuple[str, Column]]:
    """A column for each element of lists and structures."""
    first = cells[0] if cells else None
    if not isinstance(first, list | dict):
        return [(name, _column(cells))]
    keys: list[Any] = list(first) if isinstance(first, dict) else list(range(len(first)))
    if any(not isinstance(cell, type(first)) or len(cell) != len(keys) for cell in cells):
        raise UsageError(
            f"{path}: `{name}` does not hold as many values in every row", "write one column a channel"
        )
    parts: list[tuple[str, Column]] = []
    for key in keys:
        parts += _flat(path, f"{name}.{key}", [cast(Any, cell)[key] for cell in cells])
    return parts


def _column(cells: list[object]) -> Column:
    if all(isinstance(cell, int | float | Decimal) or cell is None for cell in cells):
        return np.array([np.nan if cell is None else float(cast(Any, cell)) for cell in cells], np.float64)
    return [cell.isoformat() if hasattr(cell, "isoformat") else str(cell) for cell in cells]
