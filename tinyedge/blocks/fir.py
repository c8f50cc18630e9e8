# SPDX-License-Identifier: Apache-2.0
"""Filters of finite impulse response, designed by scipy when building, or with coefficients of one's own.

Coefficients have 16 bits, as many of them below 1 as the largest leaves; a sum of products has 64 bits.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PositiveFloat

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.blocks import window as windows
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output

KIND = "BLOCK_FIR"
MOST_TAPS = 2048
Shape = Literal["hamming", "hann", "blackman", "boxcar"]


class Fir(Parameters):
    """A filter of `taps` coefficients designed by scipy.signal.firwin, or one of given coefficients.

    taps, cutoff_hz, type, window: firwin's numtaps, cutoff, pass_zero and window; coefficients: b of
    y[n] = b[0] x[n] + b[1] x[n - 1] ..., instead of them.
    """

    taps: Annotated[int, Field(ge=1, le=MOST_TAPS)] | None = None
    cutoff_hz: PositiveFloat | tuple[PositiveFloat, PositiveFloat] | None = None
    type: Literal["lowpass", "highpass", "bandpass", "bandstop"] = "lowpass"
    window: Shape = "hamming"
    coefficients: Annotated[tuple[float, ...], Field(min_length=1, max_length=MOST_TAPS)] | None = None


def append(stream: Stream, wanted: Fir, name: str) -> Stream:
    """Keeps shape, type and scale; what exceeds an int16 saturates."""
    return filtered(stream, design(wanted, stream), 1, name)


def filtered(stream: Stream, response: Reals, stride: int, name: str) -> Stream:
    """Behind an impulse response, every `stride`-th row alone; it divides the rows of a run."""
    source = stream.last
    rows, channels = grid(source)
    before = windows.append(stream, windows.Window(rows=rows + len(response) - 1), f"{name}/window")
    target = Tensor(name, (1, rows // stride, channels), source.dtype, source.quantization)
    made = before.then(KIND.lower(), target, {"response": tuple(response.tolist()), "stride": stride})
    return replace(made, rate_hz=None if stream.rate_hz is None else stream.rate_hz / stride)


def design(wanted: Fir, stream: Stream) -> Reals:
    """The impulse response, float64 [taps]."""
    from scipy import signal

    if wanted.coefficients is not None:
        if not np.any(wanted.coefficients) or not np.isfinite(wanted.coefficients).all():
            raise UsageError("block 'fir': coefficients are all 0, or not finite", "give those of a filter")
        if wanted.taps is not None or wanted.cutoff_hz is not None:
            raise UsageError("block 'fir' has both coefficients and a design", "leave out taps and cutoff_hz")
        return np.array(wanted.coefficients)
    if wanted.taps is None or wanted.cutoff_hz is None:
        raise UsageError("block 'fir' needs taps and cutoff_hz", "or coefficients of your own")
    if stream.rate_hz is None:
        raise UsageError("block 'fir' needs the rate of the samples", "give `rate_hz` under [input]")
    edges = np.atleast_1d(wanted.cutoff_hz)
    band = wanted.type.startswith("band")
    if len(edges) != 1 + band or (band and edges[0] >= edges[1]) or edges.max() >= stream.rate_hz / 2:
        raise UsageError(
            f"block 'fir': cutoff_hz = {wanted.cutoff_hz} for a {wanted.type} at {stream.rate_hz:g} Hz",
            "a band has two edges, the others one; all lie below half the rate",
        )
    if wanted.type in ("highpass", "bandstop") and wanted.taps % 2 == 0:
        raise UsageError(
            f"block 'fir': taps = {wanted.taps} for a {wanted.type}",
            "an even number of them lets nothing pass at half the rate: choose an odd one",
        )
    return np.asarray(
        signal.firwin(wanted.taps, edges, window=wanted.window, pass_zero=wanted.type, fs=stream.rate_hz)
    )


def reference(values: Reals, wanted: Fir, stream: Stream) -> Reals:
    """Of [runs, rows, channels]: scipy.signal.lfilter over all rows, from rest."""
    return follow(values, design(wanted, stream), 1)


def follow(values: Reals, response: Reals, stride: int) -> Reals:
    """Every `stride`-th row of what scipy.signal.lfilter gives."""
    from scipy import signal

    runs, rows, channels = values.shape
    flat = signal.lfilter(response, [1.0], values.reshape(-1, channels), axis=0)
    return np.asarray(flat)[::stride].reshape(runs, rows // stride, channels)


def rounded(response: Reals) -> tuple[Array, int]:
    """int16 [taps], the oldest row's first, and their fraction bits."""
    largest = float(np.abs(response).max())
    shift = min(30, 15 - math.frexp(largest)[1])
    if round(largest * 2.0**shift) > 32767:
        shift -= 1
    return np.rint(response[::-1] * 2.0**shift).astype(np.int16), shift


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    rows, channels = grid(graph.input(op, 0))
    return ((1, (rows - len(op.attrs["response"])) // op.attrs["stride"] + 1, channels),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    coefficients, shift = rounded(np.array(op.attrs["response"]))
    if shift < 1:
        raise UsageError(
            f"block {op.name!r}: a coefficient is {np.abs(op.attrs['response']).max():g}",
            "make them smaller than 16384: samples are int16",
        )
    rows, channels = grid(target)
    params: dict[str, int | tuple[int, ...]] = {
        "rows": rows,
        "channels": channels,
        "taps": coefficients.size,
        "stride": op.attrs["stride"],
        "shift": shift,
    }
    arguments = (Input(source.name), Constant("coefficients", coefficients), Output(target.name))
    return (Call("fir", "fir_s16", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * len(op.attrs["response"])


block = Block(Fir, append, reference, bound="one step, or 60 dB, of scipy.signal.lfilter")
operator = Operator((KIND,), infer, calls, macs=macs)
