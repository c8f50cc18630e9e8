# SPDX-License-Identifier: Apache-2.0
"""Fewer rows a second: a low-pass filter, of which only the rows that stay are computed."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, fir, grid
from tinyedge.errors import UsageError


class Decimate(Parameters):
    """One row of every `factor`, behind a low-pass filter.

    factor: divides the rows of a run; taps: coefficients of the filter, scipy.signal.firwin's with a Hamming
    window and an edge at the new half rate; 20 * factor + 1, as scipy.signal.decimate has them, if not given.
    """

    factor: Annotated[int, Field(ge=2, le=64)]
    taps: Annotated[int, Field(ge=3, le=fir.MOST_TAPS)] | None = None


def append(stream: Stream, wanted: Decimate, name: str) -> Stream:
    """int16 [1, rows, channels] -> [1, rows / factor, channels]: row 0 of a run, row `factor`, ..."""
    rows, _ = grid(stream.last)
    if rows % wanted.factor:
        raise UsageError(
            f"block 'decimate': factor = {wanted.factor} of the {rows} rows of a run",
            "choose a `hop` that is a multiple of it",
        )
    return fir.filtered(stream, design(wanted), wanted.factor, name)


def design(wanted: Decimate) -> Reals:
    """The impulse response, float64 [taps]."""
    from scipy import signal

    return np.asarray(signal.firwin(wanted.taps or 20 * wanted.factor + 1, 1 / wanted.factor))


def reference(values: Reals, wanted: Decimate, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by scipy."""
    return fir.follow(values, design(wanted), wanted.factor)


block = Block(Decimate, append, reference, bound="one step, or 60 dB, of scipy.signal.lfilter")
