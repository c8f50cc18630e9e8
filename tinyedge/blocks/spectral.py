# SPDX-License-Identifier: Apache-2.0
"""Where the energy of spectra lies: centroid and peak, in Hz."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_SPECTRAL"
FEATURES: tuple[Literal["centroid", "peak"], ...] = ("centroid", "peak")
"""In the order of `enum te_spectral_feature` in firmware/kernels/spectral.h."""


class Spectral(Parameters):
    """Frequencies that tell of a spectrum.

    features: of "centroid", the mean frequency weighted with |X|^2, and "peak", the bin of most energy, in
    this order for every channel; low_hz, high_hz: bins from and up to which count, all if not given.
    """

    features: Annotated[tuple[Literal["centroid", "peak"], ...], Field(min_length=1)] = FEATURES
    low_hz: NonNegativeFloat = 0.0
    high_hz: PositiveFloat | None = None


def append(stream: Stream, wanted: Spectral, name: str) -> Stream:
    """int32 [1, frames, channels * bins * 2] -> int16 [1, frames, channels * features]."""
    bins = stream.bins
    assert bins is not None
    if len(set(wanted.features)) != len(wanted.features):
        raise UsageError(f"block 'spectral': features {list(wanted.features)}", "name each once")
    first, last = limits(wanted, stream)
    shift = math.floor(math.log2(32767 / last)) if last else 0
    frames, columns = grid(stream.last)
    channels = columns // (2 * bins.count)
    shape = (1, frames, channels * len(wanted.features))
    assert bins.hz is not None
    target = Tensor(name, shape, "int16", Quantization((bins.hz * 2.0**-shift,), (0,)))
    attrs = {"features": wanted.features, "first": first, "last": last, "shift": shift, "bins": bins.count}
    return stream.then(KIND.lower(), target, attrs)


def limits(wanted: Spectral, stream: Stream) -> tuple[int, int]:
    """The first and the last bin that counts."""
    assert stream.bins is not None
    if stream.bins.hz is None:
        raise UsageError("block 'spectral' needs the rate of the samples", "give `rate_hz` under [input]")
    frequencies = np.arange(stream.bins.count) * stream.bins.hz
    high = frequencies[-1] if wanted.high_hz is None else wanted.high_hz
    within = np.flatnonzero((frequencies >= wanted.low_hz) & (frequencies <= high))
    if not within.size:
        raise UsageError(
            f"block 'spectral': no bin lies between low_hz = {wanted.low_hz:g} and high_hz = {high:g}; they"
            f" are {stream.bins.hz:g} Hz apart, up to {frequencies[-1]:g} Hz",
            "choose other limits, or a larger size of the transform",
        )
    return int(within[0]), int(within[-1])


def reference(values: Reals, wanted: Spectral, stream: Stream) -> Reals:
    """Of [runs, frames, channels * bins * 2], by numpy."""
    assert stream.bins is not None and stream.bins.hz is not None
    first, last = limits(wanted, stream)
    parts = values.reshape(*values.shape[:2], -1, stream.bins.count, 2)[..., first : last + 1, :]
    energies = (parts**2).sum(axis=-1)
    frequencies = np.arange(first, last + 1) * stream.bins.hz
    total = energies.sum(axis=-1)
    found = {
        "centroid": (energies @ frequencies) / np.where(total == 0, 1, total),
        "peak": np.where(total == 0, 0, frequencies[energies.argmax(axis=-1)]),
    }
    chosen = np.stack([found[feature] for feature in wanted.features], axis=-1)
    return np.asarray(chosen.reshape(*values.shape[:2], -1))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    rows, columns = grid(graph.input(op, 0))
    return ((1, rows, columns // (2 * op.attrs["bins"]) * len(op.attrs["features"])),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    chosen = tuple(FEATURES.index(feature) for feature in op.attrs["features"])
    params: dict[str, int | tuple[int, ...]] = {
        "spectra": target.size // len(chosen),
        "bins": op.attrs["bins"],
        "first": op.attrs["first"],
        "last": op.attrs["last"],
        "shift": op.attrs["shift"],
        "features": len(chosen),
        "feature": chosen + (0,) * (len(FEATURES) - len(chosen)),
    }
    return (Call("spectral", "spectral_s32_s16", params, (Input(source.name), Output(target.name))),)


def macs(graph: Graph, op: Op) -> int:
    """Two products a bin, and again with a weight for the centroid."""
    return graph.input(op, 0).size * 5 // 2


block = Block(
    Spectral,
    append,
    reference,
    takes=("int32",),
    spectra=True,
    bound="a centroid is off by a step; a peak is a bin within 0.1 % of the largest",
)
operator = Operator((KIND,), infer, calls, macs=macs)
