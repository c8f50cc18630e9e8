# SPDX-License-Identifier: Apache-2.0
"""Takes a device, what was built for it and a recording, gives every output and time, compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tinyedge.build import Build, Slot, Spec
from tinyedge.graph import Array
from tinyedge.judge import locate
from tinyedge.judge.expected import Expected, expect
from tinyedge.judge.locate import Difference, Steps
from tinyedge.oracle import Oracle
from tinyedge.recording import Recording

Progress = Callable[[int], object]  # called with the number of frames just done


class Memory(Protocol):
    """Bytes, as the device reports them; None where it cannot know."""

    @property
    def stack_size(self) -> int | None:
        """Bytes set aside."""

    @property
    def stack_high_water(self) -> int | None:
        """Most bytes ever in use."""


class Hello(Protocol):
    """What the firmware says of its clock."""

    @property
    def ticks_hz(self) -> int:
        """Ticks a second."""
        ...

    @property
    def tick_unit(self) -> str:
        """What a latency is given in: "cycles", "instructions" or "ns"."""
        ...


class Target(Steps, Protocol):
    """The part of device.Device that a replay uses."""

    @property
    def hello(self) -> Hello:
        """What the firmware says it is."""
        ...

    def memory(self) -> Memory:
        """Ask how much is in use."""
        ...


@dataclass(frozen=True)
class Replay:
    """What happened, frame by frame, in the order of the recording.

    outputs: what the device gave, one array [N, ...shape] per model output, in the model's integer types.
    expected: what it should have given. first_difference: None when all bits are right or nobody can say.
    ticks: uint64 [N], of the device's clock.
    """

    recording: Recording
    specs: tuple[Spec, ...]
    outputs: tuple[Array, ...]
    expected: Expected
    first_difference: Difference | None
    ticks: NDArray[np.uint64]
    ticks_hz: int
    tick_unit: str
    stack_size: int | None
    stack_high_water: int | None

    @property
    def frames(self) -> int:
        """Frames replayed."""
        return len(self.ticks)

    @property
    def differing(self) -> NDArray[np.int64] | None:
        """Differing output elements of each frame [N], None when nobody can say."""
        return _differing(self.outputs, self.expected)


def replay(
    device: Target,
    build: Build,
    recording: Recording,
    oracle: Oracle,
    golden: Sequence[Array] | None = None,
    progress: Progress = lambda frames: None,
) -> Replay:
    """Run every frame on the device and compare each byte of its outputs with the reference.

    golden: recorded outputs [N, ...] per model output, to judge by instead of
    the oracle's. Raises InvalidMeasurement when the oracle cannot compute with the device's inputs, and
    whatever the device raises.
    """
    inputs, outputs = build.inputs, build.outputs
    stored = tuple(
        values.reshape(len(values), *slot.shape)
        for values, slot in zip(recording.stored(), inputs, strict=True)
    )
    expected = expect(build, oracle, stored, golden)

    ticks = np.zeros(len(recording), np.uint64)
    got = tuple(np.zeros((len(recording), *slot.shape), slot.dtype) for slot in outputs)
    for frame in range(len(recording)):
        _send(device, inputs, stored, frame)
        ticks[frame] = device.run()
        for slot, array in zip(outputs, got, strict=True):
            array[frame] = slot.read(device)
        progress(1)
    memory = device.memory()

    first = None
    differing = _differing(got, expected)
    if differing is not None and differing.any():
        frame = int(np.flatnonzero(differing)[0])
        if golden is None:
            feed = {key: values[frame] for key, values in expected.feed.items()}
            tensors = oracle.tensors(feed, locate.tensors(build))
            _send(device, inputs, stored, frame)
            first = locate.layer_by_layer(device, build, tensors, frame)
        first = first or _in_output(outputs, got, expected, frame, stepped=golden is None)
    return Replay(
        recording=recording,
        specs=tuple(slot.spec for slot in outputs),
        outputs=got,
        expected=expected,
        first_difference=first,
        ticks=ticks,
        ticks_hz=device.hello.ticks_hz,
        tick_unit=device.hello.tick_unit,
        stack_size=memory.stack_size,
        stack_high_water=memory.stack_high_water,
    )


def _send(device: Steps, inputs: Sequence[Slot], stored: Sequence[Array], frame: int) -> None:
    for slot, values in zip(inputs, stored, strict=True):
        slot.write(device, values[frame])


def _differing(outputs: Sequence[Array], expected: Expected) -> NDArray[np.int64] | None:
    if expected.reference is None:
        return None
    counts = np.zeros(len(outputs[0]), np.int64)
    for got, right in zip(outputs, expected.reference, strict=True):
        counts += (got != right).reshape(len(got), -1).sum(axis=1)
    return counts


def _in_output(
    slots: Sequence[Slot], outputs: Sequence[Array], expected: Expected, frame: int, stepped: bool
) -> Difference | None:
    """The difference as seen from outside, for when no layer can be named."""
    assert expected.reference is not None
    for slot, got, right in zip(slots, outputs, expected.reference, strict=True):
        name = f"output '{slot.name}'"
        if stepped:  # the layers disturb one another, or the frame does not repeat
            name = f"no single layer (run one at a time, each agrees), {name}"
        found = locate.difference(got[frame], right[frame], frame, name)
        if found is not None:
            return found
    return None
