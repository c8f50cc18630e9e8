# SPDX-License-Identifier: Apache-2.0
"""Takes what [replay], [input] and [recording] say, gives the Recording, and tells what it recognised."""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge import recording
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.build import Spec
from tinyedge.project import Columns, Input, Replay
from tinyedge.recording import Recording, quality


def read(
    specs: Sequence[Spec],
    replay: Replay,
    signal: Input | None = None,
    columns: Columns | None = None,
    observer: Observer = NOBODY,
    rows: int | None = None,
) -> Recording:
    """The recording as inputs of these `specs` take it.

    rows: of a run, where the device makes windows itself; else those of `replay`. Raises UsageError, and
    InvalidMeasurement as quality.assess does.
    """
    window, hop = (replay.window, replay.hop) if rows is None else (rows, rows)
    samples = recording.load(
        replay.file, specs, window, hop, replay.labels, replay.period_us, signal, columns
    )
    for note in samples.notes:
        observer.say(note)
    for warning in quality.assess(samples, signal.rate_hz if signal else None).warnings:
        observer.warn(warning)
    return samples
