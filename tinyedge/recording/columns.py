# SPDX-License-Identifier: Apache-2.0
"""Takes a Table, gives channels, times and labels: by what the user says, else by names, and noted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyedge import text
from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns, Input
from tinyedge.recording import labels as labelling
from tinyedge.recording import spool, steps, times, units
from tinyedge.recording.formats import Column, Table
from tinyedge.recording.labels import Labels

LABELS = ("label", "labels", "class", "target", "gesture", "activity", "category", "anomaly")
"""Names of columns that are labels; `y` is one only where there is no x or z beside it."""
COUNTERS = (
    "",
    "index",
    "unnamed: 0",
    "sample index",
    "sample_index",
    "sample",
    "count",
    "counter",
    "packet",
    "entry_id",
)
"""Names of a first column that counts the rows, where it does."""
SENSORS = (
    *("sensor", "sensors", "sensor_name", "sensorname", "sensor name", "sensor_type", "sensortype"),
    *("_field", "field", "series", "variable", "metric", "topic", "axis", "channel"),
)
"""Names of columns that say which of several sensors, or series, a row is of."""
_INDEX = re.compile(r"__index_level_\d+__")
_FEW = 8  # rows, of which nothing can be told
_LARGEST_SHARE = 0.5
"""Classes by rows: a column with more different words than that says something else than a class."""


@dataclass(frozen=True)
class Parted:
    """The channels [rows, channels] of a table, physical values, with their names; what its columns were.

    seconds: since the first row, or None. notes: what was recognised, one sentence each.
    """

    values: NDArray[np.float32]
    channels: tuple[str, ...]
    seconds: NDArray[np.float64] | None
    labels: Labels | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Rest:
    """Columns that nothing was made of yet, by their place in the file."""

    table: Table
    places: tuple[int, ...]
    notes: tuple[str, ...] = ()

    def without(self, place: int, note: str) -> _Rest:
        return replace(
            self,
            places=tuple(p for p in self.places if p != place),
            notes=(*self.notes, note) if note else self.notes,
        )

    def name(self, place: int) -> str:
        return self.table.names[place]

    def find(self, name: str) -> int | None:
        """The column called `name`, by its whole name or by the name before its unit."""
        exact = [p for p in self.places if self.name(p) == name]
        loose = [p for p in self.places if _bare(self.name(p)).lower() == name.lower()]
        found = exact or loose
        return found[0] if found else None


def part(path: Path, table: Table, signal: Input, columns: Columns) -> Parted:
    """Say of every column what it is. UsageError where the user names one that is not there."""
    rest = _drop_empty(_Rest(table, tuple(range(len(table.names))), table.notes))
    rest, seconds = _times(path, rest, signal, columns)
    rest, labels = _labels(path, rest, columns)
    rest = _drop_index(rest)
    places, notes = _channels(path, rest, signal)
    names = tuple(rest.name(p) for p in places)
    lsb = steps.wanted(signal, columns)
    scales, said = _scales(path, names, signal, columns) if lsb is None else (np.full(len(names), lsb), ())
    values = _stacked(path, table, places, scales, lsb is not None)
    return Parted(values, tuple(map(_bare, names)), seconds, labels, (*notes, *said))


def _stacked(
    path: Path, table: Table, places: tuple[int, ...], scales: NDArray[np.float64], stepwise: bool
) -> NDArray[np.float32]:
    """The channels, part by part: of hours of samples there is no room for a copy.

    stepwise: their numbers, as the file's integers are, must be an int16 sensor's.
    """
    columns = [_numbers(path, table, place) for place in places]
    rows = len(columns[0]) if columns else 0
    values = spool.zeros((rows, len(columns)), np.float32)
    for part in spool.parts(rows, values, *columns):
        if not all(np.isfinite(column[part]).all() for column in columns):
            raise _not_finite(path, table, places, columns)
        with np.errstate(over="ignore"):  # the caller says of which frame
            for at, (column, scale) in enumerate(zip(columns, scales, strict=False)):
                some = column[part]
                if stepwise and (wrong := steps.wrong(some)).size:
                    row = int(wrong[0][0])
                    raise steps.refusal(_cell(path, table, part.start + row, places[at]), float(some[row]))
                if table.full_scale != 1.0 and not stepwise:
                    some = some / table.full_scale
                values[part, at] = some if scale == 1.0 else some * scale
    return values


def _scales(
    path: Path, names: tuple[str, ...], signal: Input, columns: Columns
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """What each channel is multiplied by, and what to say of it: `scale`, else from its unit to ours."""
    have = [units.of_name(name) for name in names]
    given = (signal.unit,) if isinstance(signal.unit, str) else signal.unit or ()
    want = given * len(names) if len(given) == 1 else given or ("",) * len(names)
    if columns.scale != 1.0 or not any(have):
        return np.full(max(len(names), 1), columns.scale), ()
    if len(want) != len(names):
        raise UsageError(
            f"[input] has {len(want)} units for {len(names)} channels", "give `unit` once, or one a channel"
        )
    if not any(want):
        _check_alike(path, names, have)
        return np.ones(len(names)), ()
    factors = []
    for name, old, new in zip(names, have, want, strict=True):
        found = units.factor(old, new) if old and new else 1.0
        if found is None:
            raise UsageError(
                f"{path}: `{name}` is in {old}, [input] says {new}, and neither becomes the other",
                "correct `unit` under [input], or write `scale` under [recording]",
            )
        factors.append(found)
    changed = {f"{old} to {new}" for old, new, f in zip(have, want, factors, strict=True) if f != 1.0}
    return np.array(factors), tuple(f"converted from {each}" for each in sorted(changed))


def _check_alike(path: Path, names: tuple[str, ...], have: list[str]) -> None:
    """UsageError for channels of one quantity in several units, of which a model can only know one."""
    for name, unit in zip(names, have, strict=True):
        for other, first in zip(names, have, strict=True):
            if unit and first and units.factor(first, unit) not in (None, 1.0):
                raise UsageError(
                    f"{path}: `{other}` and `{name}` have different units",
                    'say which the model was trained with: `unit = "..."` under [input]',
                )


def _bare(name: str) -> str:
    """A column's name without its unit: "X [m/s2]" is X."""
    for bracket in "[(":
        name = name.split(bracket)[0]
    return name.strip()


def _said(rest: _Rest, place: int) -> str:
    return f"`{rest.name(place)}`" if rest.name(place) else f"column {place + 1}"


def _drop_empty(rest: _Rest) -> _Rest:
    """Without a column that is empty in every row: rows that end with a separator."""
    for place in rest.places:
        column = rest.table.columns[place]
        if isinstance(column, list) and not any(column):
            rest = rest.without(place, f"{_said(rest, place)} is empty and left out")
    return rest


def _times(
    path: Path, rest: _Rest, signal: Input, columns: Columns
) -> tuple[_Rest, NDArray[np.float64] | None]:
    wanted = signal.channels or ()
    found = {p: unit for p in rest.places if (unit := _time_unit(rest, p)) is not None}
    found = {p: unit for p, unit in found.items() if rest.name(p) not in wanted}
    moving = [p for p in found if not _stands(rest.table.columns[p])]
    if columns.time is not None:
        place = _named(path, rest, columns.time, "time")
    elif not found:
        return rest, None
    else:
        # A device's own clock before that of the machine that listened to it.
        likely = moving or list(found)
        place = next((p for p in likely if p != rest.table.clock or rest.name(p)), likely[0])
    unit = columns.time_unit or found.get(place) or None
    what = f"{path}: {_said(rest, place)}"
    seconds, how = times.seconds(rest.table.columns[place], what, unit, signal.rate_hz)
    step = times.step(seconds)
    rate = f": {text.hertz(1 / step)}" if step > 0 else ""
    rest = rest.without(place, f"time: {_said(rest, place)}, taken {how}{rate}")
    for other in rest.places:
        if (other in found and other != place) or rest.name(other).lower() in times.DATES:
            rest = rest.without(other, f"{_said(rest, other)} is a time, too, and left out")
    return rest, seconds


def _stands(column: Column) -> bool:
    """Whether every row has the same: when a query began, not when a sample was taken."""
    if isinstance(column, list):
        return len(column) > 1 and len(set(column)) == 1
    parts = spool.parts(len(column), column)
    return len(column) > 1 and all((column[part] == column[0]).all() for part in parts)


def _time_unit(rest: _Rest, place: int) -> str | None:
    """As times.unit_of: by what the format knows, the name, or words that are dates or times of a day."""
    if place == rest.table.clock:
        return rest.table.clock_unit or ""
    column = rest.table.columns[place]
    unit = times.unit_of(rest.name(place))
    if unit is None and isinstance(column, list) and column and ":" in column[0] and times.moment(column[0]):
        return ""
    return unit


def _labels(path: Path, rest: _Rest, columns: Columns) -> tuple[_Rest, Labels | None]:
    if columns.label is not None:
        place: int | None = _named(path, rest, columns.label, "label")
    else:
        place = _likely_label(rest)
        _check_one_sensor(path, rest, place)
    if place is None:
        return rest, None
    made = labelling.of_column(f"{path}: {_said(rest, place)}", rest.table.columns[place], columns.classes)
    classes = f", classes in this order: {', '.join(made.classes)}" if made.classes else ""
    rest = rest.without(place, f"labels: {_said(rest, place)}{classes}")
    return _drop_twins(rest, made), made


def _check_one_sensor(path: Path, rest: _Rest, label: int | None) -> None:
    """UsageError for rows of several sensors in turn, which are several recordings.

    label: the column that is taken for labels; it is none where nobody calls it so, and most rows change it.
    """
    for place in rest.places:
        column = rest.table.columns[place]
        if not isinstance(column, list) or len(set(column)) < 2:
            continue
        name = rest.name(place).lower()
        turns = place == label and name not in (*LABELS, "y") and _alternates(column)
        if name in SENSORS or turns:
            names = text.listed(sorted(set(column)))
            raise UsageError(
                f"{path}: the rows are of several sensors or series ({names}), as {_said(rest, place)} says",
                "write a file for each, or one row with the values of all; if it is the label, say so:"
                " `label` under [recording]",
            )


def _alternates(words: list[str]) -> bool:
    """Whether the word is another in most rows than in the row before, which no class of a motion is."""
    changes = sum(one != other for one, other in pairwise(words))
    return len(words) > _FEW and 2 * changes > len(words)


def _likely_label(rest: _Rest) -> int | None:
    names = {rest.name(p).lower(): p for p in rest.places}
    words = [p for p in rest.places if isinstance(rest.table.columns[p], list)]
    axes = {"x", "z"} & {_bare(name) for name in names}
    for name in (*LABELS, *(() if axes else ("y",))):
        if name in names:
            return names[name]
    return words[0] if len(words) == 1 and _classes(rest.table.columns[words[0]]) else None


def _classes(column: Column) -> bool:
    """Whether words that nobody calls labels can be some: several, each for many rows."""
    different = len(set(column))
    return 1 < different <= max(2, int(_LARGEST_SHARE * len(column)))


def _drop_twins(rest: _Rest, labels: Labels) -> _Rest:
    """Without columns that only number the labels: as many values, each always beside the same label."""
    for place in rest.places:
        column = rest.table.columns[place]
        if not isinstance(column, list) and labels.classes and _numbers_labels(column, labels):
            rest = rest.without(place, f"{_said(rest, place)} numbers the labels and is left out")
    return rest


def _numbers_labels(column: NDArray[np.float64], labels: Labels) -> bool:
    pairs: set[tuple[float, int]] = set()
    for part in spool.parts(len(column), column, labels.values):
        pairs |= set(zip(column[part].tolist(), labels.values[part].tolist(), strict=True))
        if len(pairs) > len(labels.classes):
            return False
    numbers, named = ({pair[at] for pair in pairs} for at in (0, 1))
    whole = all(number == np.trunc(number) for number in numbers)
    return whole and len(pairs) == len(numbers) == len(named) > 1


def _drop_index(rest: _Rest) -> _Rest:
    """Without pandas' index in Parquet, and a first column that counts the rows, by a name or without."""
    for place in rest.places:
        if _INDEX.fullmatch(rest.name(place)):
            rest = rest.without(place, f"{_said(rest, place)} is pandas' index and left out")
    if not rest.places or not any(rest.table.names):
        return rest
    place = rest.places[0]
    column = rest.table.columns[place]
    named = rest.name(place).lower() not in COUNTERS
    if named or isinstance(column, list) or len(column) < 2:
        return rest
    if all((steps == 1).all() for _, steps in times.walk(column)):
        return rest.without(place, f"{_said(rest, place)} counts the rows and is left out")
    return rest


def _channels(path: Path, rest: _Rest, signal: Input) -> tuple[tuple[int, ...], tuple[str, ...]]:
    if signal.channels is not None and not any(rest.table.names):
        if len(rest.places) != len(signal.channels):
            raise UsageError(
                f"{path} has {len(rest.places)} columns without names, [input] names {len(signal.channels)}",
                "correct `channels` under [input], or give the columns names",
            )
        return rest.places, (*rest.notes, f"columns without names: {text.listed(signal.channels)}")
    if signal.channels is not None:
        places = tuple(_named(path, rest, name, "channel") for name in signal.channels)
        left = [_said(rest, p) for p in rest.places if p not in places]
        return places, (*rest.notes, *([f"left out: {text.listed(left)}"] if left else []))
    for place in rest.places:
        column = rest.table.columns[place]
        # What begins like a number may be one that was not understood.
        if (
            isinstance(column, list)
            and len(set(column)) == 1 < len(column)
            and column[0].lstrip("_")[:1].isalpha()
        ):
            rest = rest.without(place, f"{_said(rest, place)} is {column[0]!r} in every row and left out")
    words = [p for p in rest.places if isinstance(rest.table.columns[p], list)]
    if words:
        raise UsageError(
            f"{path}: {_said(rest, words[0])} holds words, such as {rest.table.columns[words[0]][0]!r}",
            "say what the columns are: `channels = [...]` under [input], `label = ...` under [recording]",
        )
    names = [rest.name(p) for p in rest.places if rest.name(p)]
    return rest.places, (*rest.notes, *([f"channels, in this order: {text.listed(names)}"] if names else []))


def _named(path: Path, rest: _Rest, name: str, role: str) -> int:
    place = rest.find(name)
    twice = [p for p in rest.places if place is not None and rest.name(p) == rest.name(place)]
    if len(twice) > 1:
        raise UsageError(
            f"{path} has {len(twice)} columns called {rest.name(twice[0])!r}, and nobody says which is meant",
            "give every column a name of its own",
        )
    if place is None:
        known = text.listed(_said(rest, p) for p in rest.places)
        raise UsageError(
            f"{path} has no column {name!r} for the {role}; there are {known}",
            "correct the name in tinyedge.toml ([input] or [recording])",
        )
    return place


def _numbers(path: Path, table: Table, place: int) -> Array:
    column: Column = table.columns[place]
    if isinstance(column, list):
        raise UsageError(
            f"{path}: row {table.line(0)}, column {place + 1} ({table.names[place]}) is {column[0][:40]!r}",
            "a channel is a column of numbers: correct `channels` under [input]",
        )
    return column


def _not_finite(path: Path, table: Table, places: tuple[int, ...], columns: list[Array]) -> UsageError:
    wrong = [(int(row), at) for at, each in enumerate(columns) for row in np.flatnonzero(~np.isfinite(each))]
    row, channel = min(wrong)
    value = "NaN" if np.isnan(columns[channel][row]) else "infinite"
    return UsageError(
        f"{_cell(path, table, row, places[channel])} is {value} ({len(wrong)} such values)",
        "remove or repair these samples before replaying them",
    )


def _cell(path: Path, table: Table, row: int, place: int) -> str:
    name = f" ({table.names[place]})" if table.names[place] else ""
    return f"{path}: row {table.line(row)}, column {place + 1}{name}"
