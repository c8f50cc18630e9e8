# SPDX-License-Identifier: Apache-2.0
"""Takes a column of times, gives seconds: by the unit that its name or the user says, else recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError
from tinyedge.recording import spool

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0, "d": 86_400.0}
"""Seconds of each unit."""
GAP = 1.5
"""A step over so many usual ones has samples missing in it."""

_OF_NAME = {"millis": "ms", "micros": "us", "seconds_elapsed": "s", "x_value": "s"}  # the last is LabVIEW's
_NAMES = frozenset(
    (
        "time",
        "timestamp",
        "time_stamp",
        "t",
        "ts",
        "zeit",
        "temps",
        "tiempo",
        "tempo",
        "datetime",
        "date_time",
    )
) | {
    "rel",
    "relative_time",
    "zeitstempel",
    "elapsed",
    "uptime",
    "epoch",
    "epoc",
    "unixtime",
    "sample_time",
    *_OF_NAME,
}
DATES = frozenset(("date", "datum", "day"))
"""Names of columns that may hold the day of a clock in another column."""
_SPELLINGS = {
    "s": ("s", "sec", "secs", "seconds"),
    "ms": ("ms", "msec", "millis", "milliseconds"),
    "us": ("us", "µs", "usec", "micros", "microseconds"),
    "ns": ("ns", "nsec", "nanoseconds"),
    "min": ("min", "minutes"),
    "h": ("h", "hours"),
    "d": ("d", "days"),
}
_CLOCK = re.compile(r"\d\d:\d\d:\d\d([.,]\d+)?")
_DAY_FIRST = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})[ T]+(\d\d:\d\d:\d\d([.,]\d+)?)")
_ZONE = re.compile(r"[\s_.-]*[\[(]\s*([+-]\d\d:?\d\d|utc|gmt|local)\s*[\])]")
_UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_STRETCHES, _STRETCH = 64, 1024  # rows of long recordings that the usual step is taken from
# Seconds since 1970 of the years 2001 to 2286 have ten digits before the point, milliseconds 13, and so on.
_BEYOND = 1e30  # of any unit
_STEPS = 1e-6, 2.0  # of fractions that can be seconds: smaller ones are days, larger ones milliseconds
_EPOCHS = {"s": 1e9, "ms": 1e12, "us": 1e15, "ns": 1e18}


def unit_of(name: str) -> str | None:
    """The unit that a column's name states, "" for a name of a time without one, None where it is no time."""
    text = name.strip().lower().lstrip("_")
    last = text.rfind("timestamp")
    if last > 0 and not text[last - 1].isalnum():  # the sensor's, the phone's: no channel is called so
        text = text[last:]
    if text in _OF_NAME:
        return _OF_NAME[text]
    if text in _NAMES:
        return ""
    for known in _NAMES:
        rest = text.removeprefix(known)
        if rest != text and _ZONE.fullmatch(rest):
            return ""
        if rest != text and re.fullmatch(r"[\s_.-]*[\[(]?\s*[a-zµ]+\s*[\])]?", rest):
            unit = _UNIT_OF.get(rest.strip(" _.-[]()"))
            # `t` and a letter without anything between is a name of its own: ts, tms.
            if unit is not None and not rest[0].isalnum():
                return unit
    return None


def moment(text: str) -> bool:
    """Whether this is a date and time, or the time of a day, as `seconds` takes them."""
    try:
        _dates([text], "")
    except UsageError:
        return False
    return True


def step(seconds: NDArray[np.float64]) -> float:
    """The usual step from a sample to the next, in seconds: the mean of those near the median; or 0.0."""
    usual = median_step(seconds)
    if not usual > 0:
        return 0.0
    total, count = 0.0, 0
    for _, steps in walk(seconds):
        near = steps[(steps <= GAP * usual) & (steps >= (2 - GAP) * usual)]  # no gap, no row written twice
        total, count = total + float(near.sum()), count + len(near)
    return total / count


def median_step(values: NDArray[np.float64]) -> float:
    """Of all steps from row to row, or of _STRETCHES of them, evenly spread over hours; 0.0 without any."""
    if len(values) < 2:
        return 0.0
    if len(values) <= _STRETCHES * _STRETCH:
        return float(np.median(np.diff(values)))
    starts = np.linspace(0, len(values) - _STRETCH, _STRETCHES).astype(np.int64)
    return float(np.median(np.concatenate([np.diff(values[at : at + _STRETCH]) for at in starts])))


def walk(values: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Part by part: a row, and the steps to the rows behind it."""
    for part in spool.parts(len(values) - 1, values):
        yield part.start, np.diff(values[part.start : part.stop + 1])


def _falls(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows whose time is before that of the row above them."""
    found = [np.flatnonzero(steps < 0) + (row + 1) for row, steps in walk(values)]
    return np.concatenate([np.empty(0, np.int64), *found])


def _whole(values: NDArray[np.float64]) -> bool:
    """Whether these are integers."""
    return all(
        bool((values[part] == np.trunc(values[part])).all()) for part in spool.parts(len(values), values)
    )


def _endless(values: NDArray[np.float64]) -> int | None:
    """The first row that is not finite or beyond any clock, None where there is none."""
    for part in spool.parts(len(values), values):
        wrong = np.flatnonzero(~(np.abs(values[part]) < _BEYOND))
        if wrong.size:
            return int(part.start + wrong[0])
    return None


def seconds(
    values: NDArray[np.float64] | list[str], what: str, unit: str | None, rate_hz: float | None
) -> tuple[NDArray[np.float64], str]:
    """Seconds [N], rising, and how they were read.

    what: the column, for messages. unit: of UNITS, None where nobody says. rate_hz: the rate that the samples
    should have, which decides between units. A counter that wraps goes on, and rows that share their times,
    as those of one packet do, are laid evenly between them. UsageError where no unit can be told.
    """
    if isinstance(values, list):
        found, how = _dates(values, what), "as dates"
        return _spread(found, how)
    values, wrapped = _unwrapped(values)
    place = _endless(values)
    if place is None:
        place = next((int(row) for row in _falls(values)), None)
    if place is not None:
        raise UsageError(
            f"the times in {what} are not finite and rising: sample {place} is {values[place]:g}",
            "sort the samples by time, and cut the recording where the logger restarted",
        )
    if not len(values):
        return values, "as s"
    since = spool.zeros(values.shape, np.float64)
    for part in spool.parts(len(values), values, since):
        since[part] = values[part] - values[0]
    spread, shared = _spread(since, "")
    # A counter that wraps is no date, however large it is.
    unit = unit or _recognise(values, step(spread), what, rate_hz, dated=not wrapped)
    for part in spool.parts(len(spread), spread):
        spread[part] *= UNITS[unit]
    return spread, f"as {unit}{wrapped}{shared}"


def _unwrapped(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    """Times that rise over the end of a counter of 16 or 32 bits, as of millis() or micros(), and a note."""
    if _endless(values) is not None:
        return values, ""
    falls = _falls(values)
    if not len(falls) or not _whole(values):
        return values, ""
    usual = median_step(values)
    for bits in (16, 32):
        steps = values[falls] - values[falls - 1] + 2.0**bits
        if usual > 0 and values.max() < 2.0**bits and (steps > 0).all() and (steps < 100 * usual).all():
            turns = np.zeros(len(values))
            turns[falls] = 2.0**bits
            return values + np.cumsum(turns), f" (of {bits} bits, begins anew {len(falls)} times)"
    return values, ""


def _spread(values: NDArray[np.float64], how: str) -> tuple[NDArray[np.float64], str]:
    """Rows that share their times laid evenly, where most do: packets, or a clock that is too coarse."""
    if len(values) < 3 or median_step(values) > 0:
        twice = sum(np.count_nonzero(steps == 0) for _, steps in walk(values))
        return values, f"{how}, {twice} rows have the time of the one before" if twice else how
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > 0)
    counts = np.diff(np.append(starts, len(values)))
    if len(starts) < 2:
        return values, how
    each = np.diff(values[starts]) / counts[:-1]
    # The first packet may have begun before the recording did.
    usual = float(np.quantile(each[1:] if len(each) > 2 else each, 0.5, method="lower"))
    within = np.arange(len(values)) - np.repeat(starts, counts)
    spread = np.repeat(values[starts], counts) + within * usual
    return np.maximum.accumulate(spread), f"{how}, {counts.max()} rows share one and are laid evenly"


def _recognise(
    values: NDArray[np.float64], step: float, what: str, rate_hz: float | None, dated: bool
) -> str:
    for unit, least in reversed(_EPOCHS.items()):
        if dated and values[0] >= least:
            return unit
    if rate_hz is not None and step > 0:
        for unit, size in UNITS.items():
            if abs(step * size * rate_hz - 1) < 0.2:
                return unit
    elif not _whole(values):
        if _STEPS[0] <= step < _STEPS[1] or not step > 0:
            return "s"
    elif step >= 2:
        # Whole numbers without a unit: loggers write millis(), Edge Impulse's format says milliseconds.
        return "ms"
    raise UsageError(
        f"no unit can be told for the times in {what}: they step by {step:g}",
        'write `time_unit = "ms"` (or s, us, ns, min, h, d) under [recording] in tinyedge.toml',
    )


def _dates(values: list[str], what: str) -> NDArray[np.float64]:
    """Seconds since the first: dates and times of ISO 8601 or with the day first (31.1.2026 12:00:00.02), or
    times of a day, which go on at midnight. Without an offset they are UTC: only differences count.
    """
    found = spool.zeros((len(values),), np.float64)
    start: datetime | None = None
    clock = False
    for at, text in enumerate(values):
        moment, clock = _moment(text.strip())
        if moment is None:
            raise UsageError(
                f"the time {text[:40]!r} of sample {at} in {what} is neither a number nor a date of ISO 8601",
                "write times as numbers, or as 2026-01-31T12:00:00.020",
            )
        start = start or moment
        found[at] = (moment - start).total_seconds()
    if clock:
        half = 43_200.0  # s: a clock that falls by more has passed midnight
        found += 2 * half * np.cumsum(np.diff(found, prepend=found[:1]) < -half)
    falls = _falls(found)
    if len(falls):
        place = int(falls[0])
        raise UsageError(
            f"the times in {what} do not rise: sample {place} is {values[place]!r}",
            "sort the samples by time",
        )
    return found


def _moment(text: str) -> tuple[datetime | None, bool]:
    """The moment, and whether it is the time of some day."""
    text = text.removesuffix(" UTC").removesuffix(" GMT")
    day = _DAY_FIRST.fullmatch(text)
    if day:
        text = f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}T{day[4]}"
    try:
        if _CLOCK.fullmatch(text):
            return datetime.combine(date(1970, 1, 1), time.fromisoformat(text), UTC), True
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None, False
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC), False
