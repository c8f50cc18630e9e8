# SPDX-License-Identifier: Apache-2.0
"""Takes what [replay], [input] and [recording] say, gives the Recording, and tells what it recognised.

Or, where there is no recording, random inputs, the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyedge import recording
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.build import Spec, limits
from tinyedge.graph import Array
from tinyedge.project import Columns, Input, Replay
from tinyedge.recording import Recording, quality

SEED = 12345


def noise(specs: Sequence[Spec], frames: int) -> Recording:
    """Random inputs, already quantised, over the whole range of their types."""
    random = np.random.default_rng(SEED)
    values = tuple(random_values(spec.dtype, (frames, *spec.frame), random) for spec in specs)
    return Recording(Path("random inputs"), tuple(specs), values)


def random_values(dtype: str, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    """Of an integer or boolean type, every value as likely."""
    return random.integers(*limits(dtype), shape, np.int64, endpoint=True).astype(dtype)


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
        observer.note(f"{replay.file}: {note}")
    for warning in quality.assess(samples, signal.rate_hz if signal else None).warnings:
        observer.warn(warning)
    return samples
