# SPDX-License-Identifier: Apache-2.0
"""Takes a device, what was built for it and a recording, gives every output and time, compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tinyedge.build import Build, Slot, Spec
from tinyedge.errors import DeviceError
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
    """What happened, frame by frame, in the order of the recording, of which N frames were replayed.

    outputs: what the device gave, one array [N, ...shape] per model output, in the model's integer types.
    expected: what it should have given. first_difference: None when all bits are right or nobody can say.
    ticks: uint64 [N], of the device's clock. stack_size, stack_high_water: None where the device cannot know,
    or was gone. stopped: why the replay ended before its end, None when it did not.
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
    stopped: DeviceError | None = None

    @property
    def frames(self) -> int:
        """Frames replayed."""
        return len(self.ticks)

    @property
    def replayed(self) -> Recording:
        """The part of the recording that the device saw."""
        return self.recording.first(self.frames)

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

    golden: recorded outputs [N, ...] per model output, to judge by instead of the oracle's. A device that
    goes away ends the replay, and what it gave until then is kept. Raises InvalidMeasurement when the oracle
    cannot compute with the device's inputs, and DeviceError when there is no frame to keep.
    """
    inputs, outputs = build.inputs, build.outputs
    stored = tuple(
        values.reshape(len(values), *slot.shape)
        for values, slot in zip(recording.stored(), inputs, strict=True)
    )
    expected = expect(build, oracle, stored, golden)

    got, ticks, stopped = run(device, inputs, outputs, stored, progress)
    if len(ticks) < len(recording):
        expected = expected.first(len(ticks))
    memory, first = None, None
    if stopped is None:
        try:
            memory = device.memory()
            first = _locate(device, build, oracle, stored, got, expected, stepped=golden is None)
        except DeviceError as error:
            stopped = error
    return Replay(
        recording=recording,
        specs=tuple(slot.spec for slot in outputs),
        outputs=got,
        expected=expected,
        first_difference=first or _in_output(outputs, got, expected, stepped=golden is None and not stopped),
        ticks=ticks,
        ticks_hz=device.hello.ticks_hz,
        tick_unit=device.hello.tick_unit,
        stack_size=memory.stack_size if memory else None,
        stack_high_water=memory.stack_high_water if memory else None,
        stopped=stopped,
    )


def run(
    device: Target,
    inputs: Sequence[Slot],
    outputs: Sequence[Slot],
    stored: Sequence[Array],
    progress: Progress,
) -> tuple[tuple[Array, ...], NDArray[np.uint64], DeviceError | None]:
    """Outputs and ticks of the frames that came to an end, and what ended the replay before its end."""
    frames = len(stored[0])
    ticks = np.zeros(frames, np.uint64)
    got = tuple(np.zeros((frames, *slot.shape), slot.dtype) for slot in outputs)
    for frame in range(frames):
        try:
            _send(device, inputs, stored, frame)
            ticks[frame] = device.run()
            for slot, array in zip(outputs, got, strict=True):
                array[frame] = slot.read(device)
        except DeviceError as error:
            if frame == 0:
                raise
            return tuple(array[:frame] for array in got), ticks[:frame], error
        progress(1)
    return got, ticks, None


def _locate(
    device: Target,
    build: Build,
    oracle: Oracle,
    stored: Sequence[Array],
    got: Sequence[Array],
    expected: Expected,
    stepped: bool,
) -> Difference | None:
    """The first layer to blame for the first wrong frame, by running it again layer by layer."""
    differing = _differing(got, expected)
    if not stepped or differing is None or not differing.any():
        return None
    frame = int(np.flatnonzero(differing)[0])
    feed = {key: values[frame] for key, values in expected.feed.items()}
    tensors = oracle.tensors(feed, locate.tensors(build))
    _send(device, build.inputs, stored, frame)
    return locate.layer_by_layer(device, build, tensors, frame)


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
    slots: Sequence[Slot], outputs: Sequence[Array], expected: Expected, stepped: bool
) -> Difference | None:
    """The first difference as seen from outside, for when no layer can be named; None when there is none."""
    differing = _differing(outputs, expected)
    if expected.reference is None or differing is None or not differing.any():
        return None
    frame = int(np.flatnonzero(differing)[0])
    for slot, got, right in zip(slots, outputs, expected.reference, strict=True):
        name = f"output '{slot.name}'"
        if stepped:  # the layers disturb one another, or the frame does not repeat
            name = f"no single layer (run one at a time, each agrees), {name}"
        found = locate.difference(got[frame], right[frame], frame, name)
        if found is not None:
            return found
    return None
