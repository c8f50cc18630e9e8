# SPDX-License-Identifier: Apache-2.0
"""Takes a file of samples, gives its channels, times and labels, and what was recognised in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge import text
from tinyedge.errors import UsageError
from tinyedge.project import Columns, Input
from tinyedge.recording import columns as columns_of
from tinyedge.recording import formats, spool, steps, times
from tinyedge.recording import labels as labelling
from tinyedge.recording.formats import Table
from tinyedge.recording.labels import Labels

# Array name -> unit; a plain `t` or `time` of an NPZ is in seconds, as the README says, where it is of floats
# that are no date. Whole numbers are milliseconds as often.
_TIME_ARRAYS = {
    "time_s": "s",
    "time": "s",
    "t": "s",
    "timestamp": "s",
    "timestamps": "s",
    "time_ms": "ms",
    "time_us": "us",
    "time_ns": "ns",
}
_PLAIN = ("time", "t", "timestamp", "timestamps")
_LABELS = ("y", "labels", "label")
_DATED = 1e9  # s: from 2001 on


@dataclass(frozen=True)
class SampleFile:
    """The content of one file.

    `arrays` by name (a lone array is called "x"): numbers of any integer or float dtype, finite.
    `labels`: of every row or frame, or None. `seconds`: float64 times of the same length, or None. `rate_hz`:
    where the file has none, and says a rate.
    `table`: True where `x` is float32 [rows, channels] and a row is one time step.
    `notes`: what was recognised and not given, a sentence each. `channels`: names of a table's.
    """

    path: Path
    arrays: dict[str, NDArray[np.generic]]
    labels: Labels | None
    seconds: NDArray[np.float64] | None
    table: bool
    notes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    rate_hz: float | None = None

    @property
    def rows(self) -> int:
        """Of the longest array."""
        return max(map(len, self.arrays.values()), default=0)

    def rows_at(self, moments: NDArray[np.float64]) -> NDArray[np.int64]:
        """The first rows that are not before these seconds of the recording, which has a clock."""
        if self.seconds is not None:
            return np.searchsorted(self.seconds, moments).astype(np.int64)
        assert self.rate_hz is not None
        first = np.ceil(np.clip(moments, 0, self.rows / self.rate_hz) * self.rate_hz)
        # What the product rounds: the row before may be late enough.
        first -= (first > 0) & ((first - 1) / self.rate_hz >= moments)
        return np.minimum(first, self.rows).astype(np.int64)


def read(
    path: Path,
    signal: Input | None = None,
    columns: Columns | None = None,
    inputs: Collection[str] = (),
) -> SampleFile:
    """Read one file by its suffix. UsageError when it is missing, damaged, not numeric or not finite.

    signal, columns: [input] and [recording] of tinyedge.toml; what they leave open is recognised.
    inputs: names of the model's: arrays of an NPZ that are called so are neither labels nor times.
    """
    signal, columns = signal or Input(), columns or Columns()
    content = formats.read(path, columns)
    if isinstance(content, Table):
        return _of_table(path, content, signal, columns)
    arrays = dict(content.arrays)
    # `x` beside it is the lone input of a model, whatever that is called.
    own = {*inputs, *map(plain, inputs)} if len(inputs) > 1 or "x" not in arrays else set()
    free = [name for name in _LABELS if name in arrays and name not in own]
    said = next((name for name in free if name == "y" or len(arrays) > 1), None)
    labels = None if said is None else arrays.pop(said)  # an input may have the name ""
    seconds: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    for name, unit in _TIME_ARRAYS.items():
        if name in arrays and name not in own and len(arrays) > 1:  # a model may have a lone input called `t`
            seconds, how = _seconds(path, name, arrays.pop(name), columns.time_unit or unit, signal.rate_hz)
            notes = (f"time: `{name}`, taken {how}",)
            break
    known = None if labels is None else labelling.of_column(f"{path}: `{said}`", labels, columns.classes)
    lsb = steps.wanted(signal, columns)
    for name, array in arrays.items():
        _check_numbers(path, name, array)
        if lsb is not None and array.ndim:
            arrays[name] = steps.physical(path, name, array, lsb)
    return SampleFile(path, arrays, known, seconds, False, notes)


def plain(name: str) -> str:
    """The name people gave an input: TensorFlow writes `serving_default_x:0` for `x`."""
    return name.removeprefix("serving_default_").removesuffix(":0")


def read_labels(path: Path, columns: Columns | None = None, recording: SampleFile | None = None) -> Labels:
    """Labels from an NPY, from `y` of an NPZ, or from a table: one column, a label column, or intervals.

    Intervals are columns `start`, `end` (in seconds since the first row of the `recording`) and `label`, or
    these without names, as Audacity exports them; they need its clock.
    """
    columns = columns or Columns()
    content = formats.read(path, columns)
    if not isinstance(content, Table):
        arrays = dict(content.arrays)
        if "y" not in arrays and len(arrays) != 1:
            raise UsageError(
                f"{path} has no labels: its arrays are {', '.join(arrays) or 'none'}",
                "name the array of labels `y`",
            )
        values = arrays.get("y", next(iter(arrays.values())))
        return labelling.of_column(f"{path}: its array", values, columns.classes)
    names = [name.lower() for name in content.names] if any(content.names) else _audacity(content)
    if {"start", "end"} <= set(names):
        return _intervals(path, content, names, columns, recording)
    found = [at for at, name in enumerate(names) if name in (*columns_of.LABELS, "y")]
    if not found and len(names) != 1:
        raise UsageError(
            f"{path} has no column of labels among {', '.join(content.names) or len(names)}",
            "call the column `label`, or write intervals as start,end,label",
        )
    place = found[0] if found else 0
    return labelling.of_column(f"{path}: its column", content.columns[place], columns.classes)


def _of_table(path: Path, table: Table, signal: Input, columns: Columns) -> SampleFile:
    parted = columns_of.part(path, table, signal, columns)
    seconds, notes = parted.seconds, parted.notes
    rate = table.rate_hz if seconds is None else None
    if rate is not None:
        notes = (*notes, f"rate: {text.hertz(rate, 6)}, as the file says")
    arrays: dict[str, NDArray[np.generic]] = {"x": parted.values} if parted.channels else {}
    return SampleFile(path, arrays, parted.labels, seconds, True, notes, parted.channels, rate)


def _audacity(table: Table) -> list[str]:
    """Names of the columns of a label track: two numbers and a word a line."""
    kinds = [isinstance(column, list) for column in table.columns]
    return ["start", "end", "label"] if kinds == [False, False, True] else [""] * len(kinds)


def _intervals(
    path: Path, table: Table, names: list[str], columns: Columns, recording: SampleFile | None
) -> Labels:
    start, end = (table.columns[names.index(name)] for name in ("start", "end"))
    label = [at for at, name in enumerate(names) if name in columns_of.LABELS]
    if isinstance(start, list) or isinstance(end, list) or not label:
        raise UsageError(
            f"{path}: intervals need numbers in `start` and `end`, and a column `label`",
            "write one line an interval: start,end,label, with times in seconds",
        )
    if recording is None or (recording.seconds is None and recording.rate_hz is None):
        raise UsageError(
            f"{path} holds intervals, and the recording has no times to lay them on",
            "record a column of times, or give one label a row",
        )
    wrong = np.flatnonzero(~(end >= start))
    if wrong.size:
        at = int(wrong[0])
        raise UsageError(
            f"{path}: interval {at + 1} ends at {end[at]:g}, before its start at {start[at]:g}",
            "write start, end and label of every interval",
        )
    known = labelling.of_column(f"{path}: `label`", table.columns[label[0]], columns.classes)
    beyond = np.flatnonzero(recording.rows_at(start) >= recording.rows)
    if beyond.size:
        at = int(beyond[0])
        raise UsageError(
            f"{path}: interval {at + 1} begins at {start[at]:.10g} s, behind the end of {recording.path}",
            "write seconds since the first row of the recording",
        )
    first, behind = recording.rows_at(start), recording.rows_at(end)
    return labelling.of_intervals(first, behind, known, recording.rows)


def _seconds(
    path: Path, name: str, values: NDArray[np.generic], unit: str, rate_hz: float | None
) -> tuple[NDArray[np.float64], str]:
    what = f"{path}: `{name}`"
    if values.ndim == 1 and values.dtype.kind in "mM":
        kind = "datetime64[ns]" if values.dtype.kind == "M" else "timedelta64[ns]"
        return times.seconds(values.astype(kind).astype(np.float64), what, "ns", None)
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        raise UsageError(
            f"{path}: times `{name}` are {values.dtype} of shape {list(values.shape)}, not [N]",
            "give one time for each sample",
        )
    plain = (
        name in _PLAIN
        and unit == "s"
        and (values.dtype.kind in "iu" or bool((values[:1].astype(np.float64) >= _DATED).any()))
    )
    return times.seconds(values.astype(np.float64), what, None if plain else unit, rate_hz)


def _check_numbers(path: Path, name: str, array: NDArray[np.generic]) -> None:
    if array.dtype.kind not in "iuf":
        raise UsageError(f"{path}: `{name}` is {array.dtype}, not numeric", "save integers or floats")
    if array.dtype.kind == "f":
        values, count, place = np.atleast_1d(array), 0, None
        for part in spool.parts(len(values), values):
            wrong = np.argwhere(~np.isfinite(values[part]))
            if place is None and wrong.size:
                place = (part.start + int(wrong[0][0]), *map(int, wrong[0][1:]))
            count += len(wrong)
        if place is not None:
            value = "NaN" if np.isnan(values[place]) else "infinite"
            where = (
                f"frame {place[0]}, position {list(place[1:])}" if len(place) > 1 else f"sample {place[0]}"
            )
            raise UsageError(
                f"{path}: `{name}` is {value} at {where} ({count} such values)",
                "remove or repair these samples before replaying them",
            )
