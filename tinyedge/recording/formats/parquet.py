# SPDX-License-Identifier: Apache-2.0
"""Parquet, by pyarrow: columns of numbers or words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyedge.errors import ToolMissing, UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Column, Table

SUFFIXES = (".parquet",)


def read(path: Path, columns: Columns) -> Table:
    """Every column; dates become words, missing values NaN."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ToolMissing(
            f"pyarrow is needed to read {path} and is not installed", "pip install pyarrow"
        ) from None
    try:
        table = pyarrow.parquet.read_table(path)
        made = {name: _column(table.column(name).to_pylist()) for name in table.column_names}
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UsageError(f"cannot read {path}: {reason}", "write the file again") from None
    return Table(tuple(made), tuple(made.values()))


def _column(cells: list[object]) -> Column:
    if all(isinstance(cell, int | float) or cell is None for cell in cells):
        return np.array([np.nan if cell is None else cell for cell in cells], np.float64)
    return [cell.isoformat() if hasattr(cell, "isoformat") else str(cell) for cell in cells]
