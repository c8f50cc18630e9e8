# SPDX-License-Identifier: Apache-2.0
"""Parquet, by pyarrow: columns of numbers or words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import ToolMissing, UsageError
from tinyedge.project import Columns
from tinyedge.recording import spool
from tinyedge.recording.formats import Column, Table

SUFFIXES = (".parquet",)
_ROWS = 1 << 13  # of one batch
_Parts = list[tuple[str, spool.Column | list[str]]]


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
        with pyarrow.parquet.ParquetFile(path, buffer_size=1 << 16, pre_buffer=False) as file:
            fields = tuple((field.name, field.type) for field in file.schema_arrow)
            made = _gathered(path, fields, file.iter_batches(_ROWS))
    except UsageError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UsageError(f"cannot read {path}: {reason}", "write the file again") from None
    clock = next((at for at, (_, kind) in enumerate(fields) if _temporal(kind)), None)
    flat = [each for parts in made for each in parts]
    return Table(
        tuple(name for name, _ in flat),
        tuple(cells.done() if isinstance(cells, spool.Column) else cells for _, cells in flat),
        clock=None if clock is None else sum(map(len, made[:clock])),
        clock_unit="ns",
    )


def _gathered(path: Path, fields: tuple[tuple[str, Any], ...], batches: Iterable[Any]) -> list[_Parts]:
    """Of each field the columns that it becomes, batch behind batch: hours of them fit no memory."""
    made: list[_Parts] | None = None
    for batch in batches:
        found = [_flat(path, name, kind, batch.column(at)) for at, (name, kind) in enumerate(fields)]
        made = made or [[(name, _empty(cells)) for name, cells in parts] for parts in found]
        for (field, _), parts, more in zip(fields, made, found, strict=True):
            if [name for name, _ in parts] != [name for name, _ in more]:
                raise _uneven(path, field)
            for (_, column), (_, cells) in zip(parts, more, strict=True):
                if isinstance(column, spool.Column):
                    column.extend(cast(NDArray[np.float64], cells))
                else:
                    column += cells
    return made or [[(name, spool.Column())] for name, _ in fields]


def _empty(cells: Column) -> spool.Column | list[str]:
    return [] if isinstance(cells, list) else spool.Column()


def _temporal(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(kind) or types.is_duration(kind) or types.is_time(kind))


def _flat(path: Path, name: str, kind: Any, cells: Any) -> list[tuple[str, Column]]:
    """A column, or one for each element of lists and structures. cells: an array of Arrow's."""
    from pyarrow import types

    if types.is_integer(kind) or types.is_floating(kind):
        return [(name, np.asarray(cells.to_numpy(zero_copy_only=False), np.float64))]
    if _temporal(kind):
        return [(name, _nanoseconds(kind, cells))]
    return _of_cells(path, name, kind, cells.to_pylist())


def _nanoseconds(kind: Any, cells: Any) -> NDArray[np.float64]:
    import pyarrow

    unit = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1.0}[kind.unit]
    whole = cells.cast(pyarrow.int32() if kind.bit_width == 32 else pyarrow.int64())
    return np.asarray(whole.to_numpy(zero_copy_only=False), np.float64) * unit


def _of_cells(path: Path, name: str, kind: Any, cells: list[Any]) -> list[tuple[str, Column]]:
    from pyarrow import types

    if types.is_struct(kind):
        keys: list[Any] = [kind.field(at).name for at in range(kind.num_fields)]
        kinds = [kind.field(at).type for at in range(kind.num_fields)]
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        keys = list(range(len(cells[0]))) if cells and cells[0] is not None else []
        kinds = [kind.value_type] * len(keys)
    else:
        return [(name, _column(kind, cells))]
    if not keys or any(cell is None or len(cell) != len(keys) for cell in cells):
        raise _uneven(path, name)
    parts: list[tuple[str, Column]] = []
    for key, inner in zip(keys, kinds, strict=True):
        parts += _of_cells(path, f"{name}.{key}", inner, [cell[key] for cell in cells])
    return parts


def _uneven(path: Path, name: str) -> UsageError:
    return UsageError(
        f"{path}: `{name}` does not hold as many values in every row", "write one column a channel"
    )


def _column(kind: Any, cells: list[Any]) -> Column:
    from pyarrow import types

    numbers = (types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null)
    if any(each(kind) for each in numbers):
        return np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)
    words: dict[str, str] = {}  # of each word one, however many rows have it
    spelled = (cell.isoformat() if hasattr(cell, "isoformat") else str(cell) for cell in cells)
    return [words.setdefault(word, word) for word in spelled]
