# SPDX-License-Identifier: Apache-2.0
"""Takes a device and what it gave for a recording, gives whether it gives the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinyedge.build import CLOSED, Build
from tinyedge.graph import Array
from tinyedge.judge import harness
from tinyedge.judge.harness import Target
from tinyedge.recording import Recording, spool


@dataclass(frozen=True)
class Repeats:
    """The same frames, `times` in all: how many gave other bytes in any repeat than the first time.

    first: the earliest of those frames; None where all agree.
    """

    __pydantic_config__ = CLOSED
    times: int
    differing: int
    first: int | None


def repeat(
    device: Target,
    build: Build,
    recording: Recording,
    outputs: Sequence[Array],
    times: int,
    progress: Callable[[int], object] = lambda frames: None,
) -> Repeats:
    """Replay the recording until it has run `times` times, each from the states' initial values.

    outputs: of the first time, [N, ...] per output; the N frames are compared, byte by byte.
    """
    frames = len(outputs[0])
    begins = {0, *recording.fresh}
    differs = np.zeros(frames, np.bool_)
    stored = harness.frames_of(recording, build.inputs)
    for _ in range(times - 1):
        for part in spool.parts(frames, *stored, *outputs):
            for frame in range(part.start, part.stop):
                if frame in begins:
                    device.reset_state()
                _, again = harness.run_frame(
                    device, build.inputs, build.outputs, [values[frame] for values in stored]
                )
                differs[frame] |= any(
                    new.tobytes() != old[frame].tobytes() for new, old in zip(again, outputs, strict=True)
                )
                progress(1)
    found = np.flatnonzero(differs)
    return Repeats(times, len(found), int(found[0]) if len(found) else None)
