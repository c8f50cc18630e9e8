# SPDX-License-Identifier: Apache-2.0
"""Takes a compiled model, gives inputs and what LiteRT's reference kernels make of them, layer by layer."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinyedge import pipeline, recording
from tinyedge.build import Slot
from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.judge import expected, locate
from tinyedge.oracle import Oracle
from tinyedge.oracle.litert import LiteRt
from tinyedge.oracle.reference import Reference, Relay
from tinyedge.pipeline import Compiled

CANDIDATES = 16
"""Inputs to choose from: noise often saturates a network's output, and then proves little."""
MOST = 4
LARGEST = 4096
"""Bytes of input in an example; one frame is there whatever its size."""
_SEED = 12345


@dataclass(frozen=True)
class LayerSum:
    """A layer's output: its place in the arena in bytes, and the CRC-32 (as zlib's) of it for every frame."""

    layer: int
    name: str
    offset: int
    bytes: int
    sums: tuple[int, ...]


@dataclass(frozen=True)
class SelfCheck:
    """inputs, outputs: one array [frames, ...shape] for each of the model's; layers in the order they run."""

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    layers: tuple[LayerSum, ...]

    @property
    def frames(self) -> int:
        """How many inferences the check runs."""
        return len(self.inputs[0])


@dataclass(frozen=True)
class Source:
    """A recording to take inputs from, read with this window and hop as `recording.load` does."""

    file: Path
    window: int | None = None
    hop: int | None = None


@dataclass(frozen=True)
class Around:
    """Who speaks for what stands before and behind a model."""

    before: Reference | None = None
    behind: Reference | None = None


NOTHING = Around()


def make(compiled: Compiled, source: Source | None = None, around: Around = NOTHING) -> SelfCheck:
    """Choose inputs, from a recording or else random ones, and compute what is right for them.

    Those of a model with a state are one stream, from its first frame on.

    UsageError where LiteRT's reference kernels do not define this model's outputs (rounding "tflm"), or the
    recording does not fit the model.
    """
    build = pipeline.draft(compiled)
    reason = expected.why_unjudged(build)
    if reason:
        raise UsageError(f"an export checks itself by LiteRT's outputs: {reason}", "`--rounding litert`")
    inputs = build.inputs
    most = min(MOST, max(1, LARGEST // sum(slot.bytes for slot in inputs)))
    stream = most if compiled.plan.state_size else None
    candidates = (
        _recorded(source, compiled, inputs, stream) if source else [_noise(slot)[:stream] for slot in inputs]
    )
    given = {slot.name: values for slot, values in zip(inputs, candidates, strict=True)}
    with Oracle(compiled.model.data, compiled.model.name) as oracle:
        parts = (around.before, LiteRt.of(oracle, build), around.behind)
        reference = Relay(tuple(part for part in parts if part is not None))
        found = expected.expect(build, reference, given, None)
        chosen = np.arange(len(found.host[0])) if stream else _most_telling(found.host, most)
        reference.reset()
        tensors = reference.follow(
            {name: values[chosen] for name, values in given.items()}, locate.tensors(build, reference)
        )
    layers = [
        _layer_sum(number, layer.name, slot, tensors[slot.name])
        for number, layer in enumerate(build.layers)
        for slot in layer.outputs
        if slot.name in tensors
    ]
    return SelfCheck(
        tuple(values[chosen] for values in candidates),
        tuple(values[chosen] for values in found.host),
        tuple(layers),
    )


def _recorded(source: Source, compiled: Compiled, inputs: Sequence[Slot], stream: int | None) -> list[Array]:
    """Frames [frames, ...shape] of the recording as the model takes them: spread over it, or the first."""
    specs, front = [slot.spec for slot in inputs], compiled.model.front
    if front is None:
        whole = recording.load(source.file, specs, source.window, source.hop)
    else:
        rows = inputs[0].shape[1]
        whole = recording.load(source.file, specs, rows, rows, signal=front.signal)
    frames = (whole.first(min(stream, len(whole))) if stream else whole.spread(CANDIDATES)).stored()
    return [values.reshape(len(values), *spec.shape) for values, spec in zip(frames, specs, strict=True)]


def _noise(slot: Slot) -> Array:
    """Random values [CANDIDATES, ...shape]: a quarter over the whole range, others over ever less."""
    kind = np.dtype(slot.dtype).newbyteorder("<")
    size = CANDIDATES * slot.bytes
    words = np.empty(size, np.uint64)
    state = _SEED + slot.offset
    for i in range(size):
        # Numerical Recipes' generator: the same bytes with every version of NumPy.
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        words[i] = state >> 24
    raw = words.astype(np.uint8)
    if kind == np.bool_:
        raw >>= 7
    frames = raw.view(kind).astype(slot.dtype).reshape(CANDIDATES, *slot.shape)
    shifts = np.arange(CANDIDATES) // (CANDIDATES // 4)
    centre = slot.spec.zero_point or 0
    narrowed = frames.astype(np.int64) - centre >> shifts.reshape(-1, *[1] * len(slot.shape))
    values: Array = np.clip(narrowed + centre, *slot.spec.limits).astype(slot.dtype)
    return values


def _most_telling(outputs: tuple[Array, ...], count: int) -> Array:
    """The `count` frames with the most different output values, in their order."""
    frames = range(len(outputs[0]))
    different = [sum(len(np.unique(values[i])) for values in outputs) for i in frames]
    best = sorted(frames, key=lambda i: (-different[i], i))
    return np.array(sorted(best[:count]))


def _layer_sum(number: int, name: str, slot: Slot, frames: Array) -> LayerSum:
    sums = tuple(zlib.crc32(slot.encode(frame)) for frame in frames)
    return LayerSum(number, name, slot.offset, slot.bytes, sums)
