# SPDX-License-Identifier: Apache-2.0
"""Takes a column of times, gives seconds: by the unit that its name or the user says, else recognised."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from tinyedge.errors import UsageError

UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""Seconds of each unit."""

_OF_NAME = {"millis": "ms", "micros": "us", "seconds_elapsed": "s"}
_NAMES = frozenset(
    ("time", "timestamp", "t", "zeit", "temps", "tiempo", "tempo", "datetime", "elapsed", "uptime", *_OF_NAME)
)
_SPELLINGS = {
    "s": ("s", "sec", "secs", "seconds"),
    "ms": ("ms", "msec", "millis", "milliseconds"),
    "us": ("us", "µs", "usec", "micros", "microseconds"),
    "ns": ("ns", "nsec", "nanoseconds"),
}
_UNIT_OF = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
# Seconds since 1970 of the years 2001 to 2286 have ten digits before the point, milliseconds 13, and so on.
_EPOCHS = {"s": 1e9, "ms": 1e12, "us": 1e15, "ns": 1e18}


def unit_of(name: str) -> str | None:
    """The unit that a column's name states, "" for a name of a time without one, None where it is no time."""
    text = name.strip().lower()
    if text in _OF_NAME:
        return _OF_NAME[text]
    if text in _NAMES:
        return ""
    for known in _NAMES:
        rest = text.removeprefix(known)
        if rest != text and re.fullmatch(r"[\s_.-]*[\[(]?\s*[a-zµ]+\s*[\])]?", rest):
            unit = _UNIT_OF.get(rest.strip(" _.-[]()"))
            # `t` and a letter without anything between is a name of its own: ts, tms.
            if unit is not None and not rest[0].isalnum():
                return unit
    return None


def seconds(
    values: NDArray[np.float64] | list[str], what: str, unit: str | None, rate_hz: float | None
) -> tuple[NDArray[np.float64], str]:
    """Seconds [N], rising, and how they were read.

    what: the column, for messages. unit: of UNITS, None where nobody says. rate_hz: the rate that the samples
    should have, which decides between units. UsageError where no unit can be told.
    """
    if isinstance(values, list):
        return _dates(values, what), "as dates"
    if not np.isfinite(values).all() or (np.diff(values) < 0).any():
        place = int(np.flatnonzero(~np.isfinite(values) | (np.diff(values, prepend=values[:1]) < 0))[0])
        raise UsageError(
            f"the times in {what} are not finite and rising: sample {place} is {values[place]:g}",
            "sort the samples by time, and cut the recording where the logger restarted",
        )
    found = unit or _recognise(values, what, rate_hz)
    return (values - values[:1]) * UNITS[found] if len(values) else values, f"as {found}"


def _recognise(values: NDArray[np.float64], what: str, rate_hz: float | None) -> str:
    step = float(np.median(np.diff(values))) if len(values) > 1 else 0.0
    for unit, least in reversed(_EPOCHS.items()):
        if len(values) and values[0] >= least:
            return unit
    if rate_hz is not None and step > 0:
        for unit, size in UNITS.items():
            if abs(step * size * rate_hz - 1) < 0.2:
                return unit
    elif (values != np.trunc(values)).any():
        return "s"
    elif step >= 2:
        # Whole numbers without a unit: loggers write millis(), Edge Impulse's format says milliseconds.
        return "ms"
    raise UsageError(
        f"no unit can be told for the times in {what}: they step by {step:g}",
        'write `time_unit = "ms"` (or s, us, ns) under [recording] in tinyedge.toml',
    )


def _dates(values: list[str], what: str) -> NDArray[np.float64]:
    """ISO 8601 dates and times; those without an offset are taken as UTC, since only differences count."""
    found = np.empty(len(values), np.float64)
    start: datetime | None = None
    for at, text in enumerate(values):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                f"the time {text[:40]!r} of sample {at} in {what} is neither a number nor a date of ISO 8601",
                "write times as numbers, or as 2026-01-31T12:00:00.020",
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        start = start or moment
        found[at] = (moment - start).total_seconds()
    if (np.diff(found) < 0).any():
        place = int(np.flatnonzero(np.diff(found) < 0)[0]) + 1
        raise UsageError(
            f"the times in {what} do not rise: sample {place} is {values[place]!r}",
            "sort the samples by time",
        )
    return found
