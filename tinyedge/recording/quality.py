# SPDX-License-Identifier: Apache-2.0
"""Takes a Recording, says whether a replay of it can mean anything: rate, gaps, values out of range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge import text
from tinyedge.errors import InvalidMeasurement
from tinyedge.recording import Recording, spool

CLIPPED_WARNING = 0.01
"""Share of values outside the model's range from which on it is said ..."""
CLIPPED_INVALID = 0.2
"""... and from which on outputs say nothing of the sensor: wrong unit, wrong channels, wrong model."""
_OUTSIDE = "lie outside what the model's input holds"
RATE_TOLERANCE = 0.05
"""Share by which a recording's rate may differ from the one that the model was trained at."""


@dataclass(frozen=True)
class Quality:
    """clipped: share of the values that the model's integers cannot hold; where these are int16 about zero,
    as a sensor gives them, those at the ends of the range, too. rate_hz: None when not known.
    """

    clipped: float
    gaps: int
    rate_hz: float | None
    warnings: tuple[str, ...]


def assess(recording: Recording, rate_hz: float | None = None) -> Quality:
    """Measure; `rate_hz` is the rate that the samples should have, None where nobody says.

    Raises InvalidMeasurement where no verdict could be trusted.
    """
    path, warnings = recording.path, []
    clipped, widest = _clipped(recording)
    told = f"{clipped:.1%} of the values {widest}"
    if clipped > CLIPPED_INVALID:
        raise InvalidMeasurement(
            f"{path}: {told}",
            "check the unit (`scale` under [recording]), the order of the channels, and whose sensor it is;"
            ' for numbers that are the sensor\'s own steps, `type = "int16"` under [input]; what is louder'
            " than the sensor can hold has to be recorded more quietly",
        )
    if clipped > CLIPPED_WARNING:
        warnings.append(f"{path}: {told}")
    found = recording.rate_hz
    if rate_hz is not None and found is not None and abs(found / rate_hz - 1) > RATE_TOLERANCE:
        raise InvalidMeasurement(
            f"{path} was recorded at {text.hertz(found)},"
            f" [input] of tinyedge.toml says {text.hertz(rate_hz)}",
            "record at the model's rate, or correct rate_hz, or time_unit under [recording]",
        )
    if recording.gaps:
        warnings.append(f"{path} has {recording.gaps} gaps; no window crosses one")
    return Quality(clipped, recording.gaps, found, tuple(warnings))


def _clipped(recording: Recording) -> tuple[float, str]:
    """The share, and what is to be said of the first input that has some."""
    outside = total = 0
    told = ""
    for values, spec in zip(recording.values, recording.inputs, strict=True):
        total += values.size
        sensor = spec.dtype == "int16" and not spec.zero_point
        stored = values.dtype != np.float32
        if spec.scale is None or (stored and not sensor):
            continue
        step = 1.0 if stored else spec.scale
        low, high = ((limit - (spec.zero_point or 0)) * step for limit in spec.limits)
        # Half a step more rounds to the last integer, where a sensor's samples end that would be beyond.
        inside = -step / 2 if sensor else step / 2
        low_half, high_half = low - inside, high + inside
        beyond, least, most = 0, np.inf, -np.inf
        for part in spool.parts(len(values), values):
            some = values[part]
            beyond += int(np.count_nonzero((some < low_half) | (some > high_half)))
            least, most = min(least, float(some.min())), max(most, float(some.max()))
        outside += beyond
        if beyond and not told:
            where = "are at the ends of the sensor's range or beyond" if sensor else _OUTSIDE
            told = f"{where} ({low:.4g} to {high:.4g}; they are {least:.4g} to {most:.4g})"
    return outside / max(total, 1), told
