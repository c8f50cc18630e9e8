# SPDX-License-Identifier: Apache-2.0
"""Takes an NPZ, NPY or CSV file, gives its arrays as they stand in it, or says what is wrong with it."""

from __future__ import annotations

import csv
import struct
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError

LABEL_COLUMNS = ("label", "y")
# Column or array name -> seconds per unit.
TIME_COLUMNS = {"time_s": 1.0, "time": 1.0, "t": 1.0, "timestamp": 1.0, "time_ms": 1e-3, "time_us": 1e-6}

# What numpy, zipfile and zlib raise on damaged files; MemoryError when a damaged header names a huge shape.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class SampleFile:
    """The content of one file.

    `arrays` by name (a lone array is called "x"): numbers of any integer or float dtype, finite.
    `labels`: int64 [rows or frames], or None. `seconds`: float64 times of the same length, or None.
    `table`: True for CSV, where `x` is float64 [rows, channels] and a row is one time step.
    """

    path: Path
    arrays: dict[str, NDArray[np.generic]]
    labels: NDArray[np.int64] | None
    seconds: NDArray[np.float64] | None
    table: bool


def read(path: Path) -> SampleFile:
    """Read one file by its suffix. UsageError when it is missing, damaged, not numeric or not finite."""
    if not path.is_file():
        raise UsageError(f"there is no recording {path}", "check the path; NPZ, NPY and CSV files are read")
    suffix = path.suffix.lower()
    if suffix == ".csv":
        content = _csv(path)
    elif suffix == ".npy":
        content = SampleFile(path, _numpy(path), None, None, False)
    elif suffix == ".npz":
        content = _npz(path)
    else:
        raise UsageError(f"{path} is not a recording that tinyedge reads", "save it as .npz, .npy or .csv")
    for name, array in content.arrays.items():
        _check_numbers(path, name, array)
    return content


def read_labels(path: Path) -> NDArray[np.int64]:
    """Labels [N] from an NPY, from `y` of an NPZ, or from a CSV with one column or a `label`/`y` column."""
    content = read(path)
    if content.labels is not None:
        return content.labels
    if len(content.arrays) != 1:
        raise UsageError(
            f"{path} has no labels: its arrays are {', '.join(content.arrays) or 'none'}",
            "name the array of labels `y`",
        )
    return _labels(path, "its array", next(iter(content.arrays.values())))


def _numpy(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"x": loaded}
        with loaded:
            return {name: np.asarray(loaded[name]) for name in loaded.files}
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: BaseException) -> UsageError:
    if "allow_pickle" in str(error) or "pickled" in str(error):
        return UsageError(
            f"{path} holds Python objects, which tinyedge never unpickles, or is not a numpy file",
            "save plain numeric arrays with numpy.savez or numpy.save",
        )
    reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    return UsageError(f"cannot read {path}: it is damaged or cut short ({reason})", "write the file again")


def _npz(path: Path) -> SampleFile:
    arrays = _numpy(path)
    labels = arrays.pop("y", None)
    seconds: NDArray[np.float64] | None = None
    for name, unit in TIME_COLUMNS.items():
        if name in arrays and len(arrays) > 1:  # a model may have a lone input called `t`
            seconds = _seconds(path, name, arrays.pop(name), unit)
            break
    known = None if labels is None else _labels(path, "`y`", labels)
    return SampleFile(path, arrays, known, seconds, False)


def _csv(path: Path) -> SampleFile:
    rows: list[list[float]] = []
    header: list[str] | None = None
    width = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            start = file.readline()
            file.seek(0)
            delimiter = max(",;\t", key=start.count)
            for cells in csv.reader(file, delimiter=delimiter):
                line = [cell.strip() for cell in cells]
                if not any(line):
                    continue
                if header is None and not rows and not all(_is_number(cell) for cell in line):
                    header, width = [cell.lower() for cell in line], len(line)
                    continue
                rows.append(_numbers(path, len(rows) + (2 if header else 1), line, width, header))
                width = len(line)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"cannot read {path}: it is not CSV text ({error})", "write the file again"
        ) from None
    if not rows:
        raise UsageError(f"{path} holds no numbers", "write one row of numbers for each time step")
    table = np.array(rows, dtype=np.float64)
    return _columns(path, table, header or [])


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(path: Path, line: int, cells: list[str], width: int, header: list[str] | None) -> list[float]:
    if width and len(cells) != width:
        raise UsageError(
            f"{path}: row {line} has {len(cells)} columns, the ones before have {width}",
            "give every row the same columns",
        )
    for column, cell in enumerate(cells):
        if not _is_number(cell):
            name = f" ({header[column]})" if header else ""
            raise UsageError(
                f"{path}: row {line}, column {column + 1}{name} is {cell!r}, not a number",
                "write numbers only; labels are integers in a column called `label`",
            )
    return [float(cell) for cell in cells]


def _columns(path: Path, table: NDArray[np.float64], header: list[str]) -> SampleFile:
    labels: NDArray[np.int64] | None = None
    seconds: NDArray[np.float64] | None = None
    channels = []
    for index, name in enumerate(header or [""] * table.shape[1]):
        column = table[:, index]
        if name in LABEL_COLUMNS and labels is None:
            labels = _labels(path, f"column `{name}`", column)
        elif name in TIME_COLUMNS and seconds is None:
            seconds = _seconds(path, name, column, TIME_COLUMNS[name])
        else:
            channels.append(index)
    arrays: dict[str, NDArray[np.generic]] = {"x": table[:, channels]} if channels else {}
    return SampleFile(path, arrays, labels, seconds, True)


def _labels(path: Path, what: str, values: NDArray[np.generic]) -> NDArray[np.int64]:
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise UsageError(
            f"{path}: {what} is {values.dtype} of shape {list(values.shape)}, not integers of shape [N]",
            "number the classes from 0",
        )
    numbers = values.astype(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers == np.trunc(numbers)) & (abs(numbers) < 2**53)))
    if wrong.size:
        raise UsageError(f"{path}: label {wrong[0]} is {numbers[wrong[0]]}", "labels are integers")
    return numbers.astype(np.int64)


def _seconds(path: Path, name: str, values: NDArray[np.generic], unit: float) -> NDArray[np.float64]:
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        raise UsageError(
            f"{path}: times `{name}` are {values.dtype} of shape {list(values.shape)}, not [N]",
            "give one time for each sample",
        )
    seconds: NDArray[np.float64] = values.astype(np.float64) * unit
    if not np.isfinite(seconds).all() or (np.diff(seconds) < 0).any():
        raise UsageError(
            f"{path}: the times in `{name}` are not finite and rising", "sort the samples by time"
        )
    return seconds


def _check_numbers(path: Path, name: str, array: NDArray[np.generic]) -> None:
    if array.dtype.kind not in "iuf":
        raise UsageError(f"{path}: `{name}` is {array.dtype}, not numeric", "save integers or floats")
    if array.dtype.kind == "f":
        wrong = np.argwhere(~np.isfinite(array))
        if wrong.size:
            place = [int(i) for i in wrong[0]]
            value = "NaN" if np.isnan(array[tuple(place)]) else "infinite"
            where = f"frame {place[0]}, position {place[1:]}" if len(place) > 1 else f"sample {place[0]}"
            raise UsageError(
                f"{path}: `{name}` is {value} at {where} ({len(wrong)} such values)",
                "remove or repair these samples before replaying them",
            )
