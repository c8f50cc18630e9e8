# SPDX-License-Identifier: Apache-2.0
"""Mel energies of spectra, by default their logarithms."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat

from tinyedge.blocks import Block, Parameters, Reals, Stream, filter_bank
from tinyedge.errors import UsageError

LINEAR_HZ, LINEAR_MELS, STEP = 1000.0, 15.0, np.log(6.4) / 27
"""Slaney's Auditory Toolbox (1998): linear up to 1,000 Hz, which are 15 mels, and 27 mels to 6.4 times it."""


class Mel(Parameters):
    """Triangles on the mel scale, over |X|^2.

    filters: how many; low_hz, high_hz: where the first begins and the last ends, half of the rate if not
    given; scale: "slaney" (as librosa has it) or "htk" (2595 log10(1 + f / 700)); norm: "slaney" (each
    triangle's area is 1 Hz) or "none" (its height is 1); output: ln ("natural") or 10 log10 ("decibel") of
    the energy, int16, or its square root ("root"), int32; floor: of the energy before a logarithm.
    """

    filters: Annotated[int, Field(ge=1, le=256)] = 40
    low_hz: NonNegativeFloat = 0.0
    high_hz: PositiveFloat | None = None
    scale: Literal["slaney", "htk"] = "slaney"
    norm: Literal["slaney", "none"] = "slaney"
    output: filter_bank.Form = "natural"
    floor: PositiveFloat = 1e-10


def append(stream: Stream, wanted: Mel, name: str) -> Stream:
    """int32 [1, frames, channels * bins * 2] -> [1, frames, channels * filters]."""
    return filter_bank.append(stream, weights(wanted, stream), wanted.output, wanted.floor, name)


def weights(wanted: Mel, stream: Stream) -> Reals:
    """float64 [filters, bins]."""
    assert stream.bins is not None
    if stream.bins.hz is None:
        raise UsageError("block 'mel' needs the rate of the samples", "give `rate_hz` under [input]")
    half = stream.bins.hz * (stream.bins.count - 1)
    high = wanted.high_hz or half
    if not wanted.low_hz < high <= half * (1 + 1e-9):
        raise UsageError(
            f"block 'mel': low_hz = {wanted.low_hz:g}, high_hz = {high:g} with spectra up to {half:g} Hz",
            "high_hz lies above low_hz, and within half of the rate",
        )
    ends = mels(np.array([wanted.low_hz, high]), wanted.scale)
    corners = hertz(np.linspace(ends[0], ends[1], wanted.filters + 2), wanted.scale)
    bins = np.arange(stream.bins.count) * stream.bins.hz
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    found: Reals = np.maximum(0.0, np.minimum(rising, falling))
    # A weight below half a step of the largest would be none.
    empty = np.flatnonzero(found.max(axis=1) < 1e-3)
    if empty.size:
        raise UsageError(
            f"block 'mel': filter {empty[0]} of filters = {wanted.filters} holds none of the bins,"
            f" {stream.bins.hz:g} Hz apart",
            "choose fewer filters, or a larger size of the transform",
        )
    return found * (2.0 / (corners[2:] - corners[:-2]))[:, None] if wanted.norm == "slaney" else found


def mels(frequency: Reals, scale: str) -> Reals:
    """Of Hz."""
    if scale == "htk":
        return np.asarray(2595.0 * np.log10(1.0 + frequency / 700.0))
    linear = frequency * LINEAR_MELS / LINEAR_HZ
    return np.where(
        frequency < LINEAR_HZ,
        linear,
        LINEAR_MELS + np.log(np.maximum(frequency, LINEAR_HZ) / LINEAR_HZ) / STEP,
    )


def hertz(pitch: Reals, scale: str) -> Reals:
    """The inverse of `mels`."""
    if scale == "htk":
        return np.asarray(700.0 * (10.0 ** (pitch / 2595.0) - 1.0))
    linear = pitch * LINEAR_HZ / LINEAR_MELS
    return np.where(pitch < LINEAR_MELS, linear, LINEAR_HZ * np.exp(STEP * (pitch - LINEAR_MELS)))


def reference(values: Reals, wanted: Mel, stream: Stream) -> Reals:
    """Of [runs, frames, channels * bins * 2], by numpy."""
    return filter_bank.reference(values, weights(wanted, stream), wanted.output, wanted.floor, stream)


block = Block(
    Mel,
    append,
    reference,
    takes=("int32",),
    spectra=True,
    bound="filters are librosa's to 1e-9; a root keeps 60 dB; a level is off by 2^-7 where a filter is"
    " within 50 dB of the loudest",
)
