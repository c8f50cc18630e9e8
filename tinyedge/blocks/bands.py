# SPDX-License-Identifier: Apache-2.0
"""RMS of the samples in bands of frequencies, out of their spectra."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat

from tinyedge.blocks import Block, Parameters, Reals, Stream, filter_bank
from tinyedge.errors import UsageError


class Bands(Parameters):
    """The power of a signal, band by band.

    bands_hz: from and up to (which is not in it) of each band; output: the RMS ("rms"), int32 in the samples'
    unit, or 10 log10 ("decibel") or ln ("natural") of its square, int16; floor: of the square before a
    logarithm.
    """

    bands_hz: Annotated[tuple[tuple[NonNegativeFloat, PositiveFloat], ...], Field(min_length=1)]
    output: Literal["rms", "decibel", "natural"] = "rms"
    floor: PositiveFloat = 1e-10

    @property
    def form(self) -> filter_bank.Form:
        """What the bank gives."""
        return "root" if self.output == "rms" else self.output


def append(stream: Stream, wanted: Bands, name: str) -> Stream:
    """int32 [1, frames, channels * bins * 2] -> [1, frames, channels * bands]."""
    return filter_bank.append(stream, weights(wanted, stream), wanted.form, wanted.floor, name)


def weights(wanted: Bands, stream: Stream) -> Reals:
    """float64 [bands, bins]: mean squares, by Parseval: each bin but the first and the last is two."""
    assert stream.bins is not None
    if stream.bins.hz is None:
        raise UsageError("block 'bands' needs the rate of the samples", "give `rate_hz` under [input]")
    frequencies = np.arange(stream.bins.count) * stream.bins.hz
    low, high = np.array(wanted.bands_hz).T[:, :, None]
    found: Reals = ((low <= frequencies) & (frequencies < high)).astype(np.float64)
    empty = np.flatnonzero(found.max(axis=1) == 0)
    if empty.size:
        raise UsageError(
            f"block 'bands': bands_hz {list(wanted.bands_hz[empty[0]])} holds no bin; bins are"
            f" {stream.bins.hz:g} Hz apart, up to {frequencies[-1]:g} Hz",
            "choose a wider band, or a larger size of the transform",
        )
    found[:, 1:-1] *= 2
    return found / (stream.bins.size * stream.bins.power)


def reference(values: Reals, wanted: Bands, stream: Stream) -> Reals:
    """Of [runs, frames, channels * bins * 2], by numpy."""
    return filter_bank.reference(values, weights(wanted, stream), wanted.form, wanted.floor, stream)


block = Block(
    Bands,
    append,
    reference,
    takes=("int32",),
    spectra=True,
    bound="the RMS keeps 60 dB against numpy.fft.rfft; a level is off by half a step and 2^-8 of a neper"
    " where a band is within 50 dB of the loudest",
)
