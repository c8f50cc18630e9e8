# SPDX-License-Identifier: Apache-2.0
"""Takes a device, what was built for it and a recording, gives every output and time, compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tinyedge.build import Build, Slot, Spec
from tinyedge.errors import DeviceError
from tinyedge.graph import Array
from tinyedge.judge import locate
from tinyedge.judge.expected import Expected, expect
from tinyedge.judge.locate import Difference, Steps
from tinyedge.oracle.reference import Reference
from tinyedge.recording import Recording, spool

Progress = Callable[[int], object]  # called with the number of frames just done
_AT_ONCE = 256  # frames behind which what they left is given to the disk


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


@runtime_checkable
class Whole(Protocol):
    """A target that runs a frame as its user does, and gives also what is within."""

    def whole(self, inputs: Sequence[bytes], wanted: Sequence[str]) -> tuple[int, list[bytes]]:
        """Ticks, and the bytes of these tensors: outputs, or what a reference needs."""
        ...


@dataclass(frozen=True)
class Answers:
    """What a model gave: [N, ...shape] per output, on the device and by who says what is right."""

    specs: tuple[Spec, ...]
    device: tuple[Array, ...]
    host: tuple[Array, ...]


@dataclass(frozen=True)
class Replay:
    """What happened, frame by frame, in the order of the recording, of which N frames were replayed.

    outputs: what the device gave, one array [N, ...shape] per model output, in the model's integer types.
    expected: what it should have given. first_difference: None when all bits are right or nobody can say.
    ticks: uint64 [N], of the device's clock. stack_size, stack_high_water: None where the device cannot know,
    or was gone. stopped: why the replay ended before its end, None when it did not. features, predictions:
    the model's own inputs and outputs where signal processing on the device makes or reads them. warm_up:
    first frames whose outputs do not mean anything yet, since a window was not full; as many behind each gap.
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
    features: tuple[Slot, ...] = ()
    predictions: tuple[Slot, ...] = ()
    warm_up: int = 0

    @property
    def frames(self) -> int:
        """Frames replayed."""
        return len(self.ticks)

    @property
    def replayed(self) -> Recording:
        """The part of the recording that the device saw."""
        return self.recording.first(self.frames)

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Whether each frame's outputs mean something: every window was full."""
        return self.replayed.settled(self.warm_up)

    @property
    def seen(self) -> Recording:
        """What the model itself was fed, in place of the samples where the device made features of them."""
        if not self.features:
            return self.replayed
        values = tuple(
            self.expected.given[slot.name].reshape(self.frames, *slot.spec.frame) for slot in self.features
        )
        return replace(self.replayed, inputs=tuple(slot.spec for slot in self.features), values=values)

    @property
    def said(self) -> Answers:
        """What the model itself gave, on the device and by its reference, whatever was made of it there."""
        if not self.predictions:
            return Answers(self.specs, self.outputs, self.expected.host)
        specs, given = tuple(slot.spec for slot in self.predictions), self.expected.given
        outputs, right = self._named(self.outputs), self._named(self.expected.host)
        device = tuple({**outputs, **given}[slot.name] for slot in self.predictions)
        host = tuple({**right, **self.expected.within}[slot.name] for slot in self.predictions)
        return Answers(specs, device, host)

    def output(self, name: str) -> Array:
        """What the device gave of the output of this name, [N, ...]."""
        return self._named(self.outputs)[name]

    def _named(self, outputs: Sequence[Array]) -> dict[str, Array]:
        return {spec.name: array for spec, array in zip(self.specs, outputs, strict=True)}

    @property
    def differing(self) -> NDArray[np.int64] | None:
        """Differing elements of each frame [N], of outputs and taps; None when nobody can say."""
        return _differing(self.outputs, self.expected)


def replay(
    device: Target,
    build: Build,
    recording: Recording,
    reference: Reference,
    golden: Sequence[Array] | None = None,
    progress: Progress = lambda frames: None,
    enough: Callable[[], bool] = lambda: False,
) -> Replay:
    """Run every frame on the device and compare each byte of its outputs with the reference.

    The replay is one stream: states have their initial values before frame 0, and behind each gap. golden:
    recorded outputs [N, ...] per model output, to judge by instead of the reference's. A device that goes
    away ends the replay, and what it gave until then is kept. enough: asked before each frame but the first;
    where it says so, the recording is what was replayed until then. Raises InvalidMeasurement when the
    reference cannot compute with the device's inputs, and DeviceError when there is no frame to keep.
    """
    inputs, outputs = build.inputs, build.outputs
    stored = frames_of(recording, inputs)
    given = {slot.name: values for slot, values in zip(inputs, stored, strict=True)}
    taps = _taps(build, reference)
    # What is wrong with the reference is better known before a board has run for an hour.
    expected = None if taps else expect(build, reference, given, golden, recording.fresh)
    ran = run(device, inputs, outputs, stored, progress, taps, enough, recording.fresh)
    got, ticks, stopped = ran.outputs, ran.ticks, ran.stopped
    if expected is None:
        given = {name: values[: len(ticks)] for name, values in given.items()} | ran.tapped
        needed = {name: given[name] for name in reference.needs}
        expected = expect(build, reference, needed, golden, recording.fresh)
    else:
        expected = expected.first(len(ticks))
    if stopped is None:
        recording = recording.first(len(ticks))
    memory, first = None, None
    if stopped is None:
        try:
            memory = device.memory()
            located = (device, build, reference, stored, got, expected, recording)
            first = _locate(*located, stepped=golden is None)
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
        features=build.features,
        predictions=build.predictions,
        warm_up=build.warm_up,
    )


def frames_of(recording: Recording, inputs: Sequence[Slot]) -> tuple[Array, ...]:
    """What `run` takes: all frames of each input, [N, ...] in its shape and integers."""
    return tuple(
        values.reshape(len(values), *slot.shape)
        for values, slot in zip(recording.stored(), inputs, strict=True)
    )


@dataclass(frozen=True)
class Tap:
    """A tensor that the reference needs and the device makes: it stands there once `layer` has run."""

    layer: int
    slot: Slot


def _taps(build: Build, reference: Reference) -> tuple[Tap, ...]:
    inputs = {slot.name for slot in build.inputs}
    made = {slot.name: Tap(at, slot) for at, layer in enumerate(build.layers) for slot in layer.outputs}
    taps = [made[name] for name in reference.needs if name not in inputs]
    return tuple(sorted(taps, key=lambda tap: tap.layer))


@dataclass(frozen=True)
class Ran:
    """The N frames that came to an end, [N, ...] of each array; `stopped`: what ended it early."""

    outputs: tuple[Array, ...]
    ticks: NDArray[np.uint64]
    tapped: dict[str, Array]
    stopped: DeviceError | None


def run(
    device: Target,
    inputs: Sequence[Slot],
    outputs: Sequence[Slot],
    stored: Sequence[Array],
    progress: Progress,
    taps: Sequence[Tap] = (),
    enough: Callable[[], bool] = lambda: False,
    fresh: Sequence[int] = (),
) -> Ran:
    """Run all frames as one stream, from the states' initial values, or until there are `enough`.

    stored: [frames, ...] for each input. fresh: frames before which the stream begins anew.
    """
    frames = len(stored[0])
    ticks = np.zeros(frames, np.uint64)
    got = tuple(spool.zeros((frames, *slot.shape), slot.dtype) for slot in outputs)
    tapped = {tap.slot.name: spool.zeros((frames, *tap.slot.shape), tap.slot.dtype) for tap in taps}
    done, stopped, begins = 0, None, {0, *fresh}
    try:
        for frame in range(frames):
            if done and enough():
                break
            if frame in begins:
                device.reset_state()
            ticks[frame], values = run_frame(device, inputs, outputs, [each[frame] for each in stored], taps)
            for array, value in zip((*got, *tapped.values()), values, strict=True):
                array[frame] = value
            done += 1
            if done % _AT_ONCE == 0:
                spool.release(*stored, *got, *tapped.values())
            progress(1)
    except DeviceError as error:
        if done == 0:
            raise
        stopped = error
    kept = {name: array[:done] for name, array in tapped.items()}
    return Ran(tuple(array[:done] for array in got), ticks[:done], kept, stopped)


def run_frame(
    device: Target,
    inputs: Sequence[Slot],
    outputs: Sequence[Slot],
    values: Sequence[Array],
    taps: Sequence[Tap] = (),
) -> tuple[int, list[Array]]:
    """One run: its ticks, then outputs and taps; in one request where nothing is tapped."""
    if not taps:
        given = [(slot.offset, slot.encode(value)) for slot, value in zip(inputs, values, strict=True)]
        ticks, parts = device.infer(given, [(slot.offset, slot.bytes) for slot in outputs])
        return ticks, [slot.decode(data) for slot, data in zip(outputs, parts, strict=True)]
    if isinstance(device, Whole):
        slots = (*outputs, *(tap.slot for tap in taps))
        fed = [slot.encode(value) for slot, value in zip(inputs, values, strict=True)]
        ticks, parts = device.whole(fed, [slot.name for slot in slots])
        return ticks, [slot.decode(data) for slot, data in zip(slots, parts, strict=True)]
    _send(device, inputs, values)
    ticks, at, seen = 0, 0, []
    for tap in taps:
        ticks += device.run(at, tap.layer + 1)
        at = tap.layer + 1
        seen.append(tap.slot.read(device))
    ticks += device.run(at)
    return ticks, [*(slot.read(device) for slot in outputs), *seen]


def _send(device: Target, inputs: Sequence[Slot], values: Sequence[Array]) -> None:
    for slot, value in zip(inputs, values, strict=True):
        slot.write(device, value)


def _locate(
    device: Target,
    build: Build,
    reference: Reference,
    stored: Sequence[Array],
    got: Sequence[Array],
    expected: Expected,
    recording: Recording,
    stepped: bool,
) -> Difference | None:
    """The first layer to blame for the first wrong frame, by running it again layer by layer.

    What a state holds then depends on all frames since the last gap, so these go first, on both sides.
    """
    differing = _differing(got, expected)
    if not stepped or differing is None or not differing.any():
        return None
    frame = int(np.flatnonzero(differing)[0])
    if build.ram.state:
        device.reset_state()
        reference.reset()
        start = max((0, *(fresh for fresh in recording.fresh if fresh <= frame)))
        before = {name: array[start:frame] for name, array in expected.given.items()}
        for part in spool.parts(frame - start, *before.values()):
            reference.follow({name: array[part] for name, array in before.items()}, [])
        for earlier in range(start, frame):
            run_frame(device, build.inputs, build.outputs, [values[earlier] for values in stored])
    now = {name: array[frame : frame + 1] for name, array in expected.given.items()}
    tensors = reference.follow(now, locate.tensors(build, reference))
    _send(device, build.inputs, [values[frame] for values in stored])
    right = {name: array[0] for name, array in tensors.items()}
    return locate.layer_by_layer(device, build, right, frame)


def _differing(outputs: Sequence[Array], expected: Expected) -> NDArray[np.int64] | None:
    if expected.reference is None:
        return None
    counts = np.zeros(len(outputs[0]), np.int64)
    within = [(expected.given[name], right) for name, right in expected.within.items()]
    for got, right in (*zip(outputs, expected.reference, strict=True), *within):
        for part in spool.parts(len(got), got, right):
            counts[part] += (got[part] != right[part]).reshape(part.stop - part.start, -1).sum(axis=1)
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
