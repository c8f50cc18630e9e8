# SPDX-License-Identifier: Apache-2.0
"""Spectra: the real Fourier transform of windowed frames, complex bins of 32 bits.

A bin is that of numpy.fft.rfft over samples times window. Before the transform a frame is shifted up as far
as 30 bits allow, and back behind it: quiet sounds keep as many bits as loud ones. A bin's step is the
smallest with which no bin of int16 samples exceeds 32 bits, nor the energy of a spectrum 62.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, PositiveInt

from tinyedge.arithmetic import fourier
from tinyedge.blocks import Bins, Block, Parameters, Reals, Stream, grid
from tinyedge.blocks import step as unit
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output

KIND = "BLOCK_FFT"
SIZES = (8, 4096)
"""Of the transform, smallest and largest: beyond, a sound of one step leaves less than 60 dB."""
WINDOW_BITS = 15
Shape = Literal["hann", "hamming", "blackman", "blackmanharris", "flattop", "bartlett", "boxcar"]


class Fft(Parameters):
    """Cuts a run into frames, multiplies them with a window, and transforms them.

    window: a periodic one of scipy.signal.get_window. rows: of a frame, all of a run if not given; step: from
    frame to frame, rows if not given; size: of the transform, the next power of 2 if not given.
    """

    window: Shape = "hann"
    rows: PositiveInt | None = None
    step: PositiveInt | None = None
    size: Annotated[int, Field(ge=SIZES[0], le=SIZES[1])] | None = None

    def frame(self, given: int) -> tuple[int, int, int]:
        """rows, step and size where a run has `given` rows."""
        rows = self.rows or given
        return rows, self.step or rows, self.size or max(SIZES[0], 1 << (rows - 1).bit_length())


def append(stream: Stream, wanted: Fft, name: str) -> Stream:
    """int16 [1, rows, channels] -> int32 [1, frames, channels * bins * 2]."""
    given, channels = grid(stream.last)
    rows, step, size = wanted.frame(given)
    if rows > given or (given - rows) % step:
        raise UsageError(
            f"block 'fft': frames with rows = {rows}, step = {step} do not fill the {given} rows of a run",
            "rows and some steps together are what a run, or the window before, has",
        )
    if size & (size - 1) or not rows <= size <= SIZES[1]:
        raise UsageError(
            f"block 'fft': size = {size} for frames of {rows} rows",
            f"choose a power of 2, {SIZES[1]} at most, that holds a frame",
        )
    frames = (given - rows) // step + 1
    power = float(((weights(wanted.window, rows) * 2.0**-WINDOW_BITS) ** 2).sum())
    bins = Bins(size, None if stream.rate_hz is None else stream.rate_hz / size, power)
    fraction = _fraction_bits(wanted.window, rows, size)
    scale = unit(stream, "fft") * 2.0**-fraction
    target = Tensor(name, (1, frames, channels * bins.count * 2), "int32", Quantization((scale,), (0,)))
    attrs = {"window": wanted.window, "rows": rows, "step": step, "size": size, "fraction": fraction}
    made = stream.then(KIND.lower(), target, attrs)
    rate = stream.runs_hz if frames == 1 or stream.rate_hz is None else stream.rate_hz / step
    return replace(made, bins=bins, rate_hz=rate)


def weights(window: str, rows: int) -> Array:
    """int16 [rows]: the window with 15 fraction bits."""
    from scipy import signal

    shape = np.asarray(signal.get_window(window, rows))
    return np.rint(shape * 2.0**WINDOW_BITS).clip(max=2**15 - 1).astype(np.int16)


def _fraction_bits(window: str, rows: int, size: int) -> int:
    """Bits of a bin below a sample: |bin| <= 2^15 sum |w|, the energy <= 2^30 size sum w^2 (Parseval)."""
    shape = np.abs(weights(window, rows) * 2.0**-WINDOW_BITS)
    largest, energy = 2.0**15 * shape.sum(), 2.0**30 * size * (shape**2).sum()
    return math.floor(min(31 - math.log2(largest * (1 + 2.0**-20)), (62 - math.log2(energy)) / 2))


def reference(values: Reals, wanted: Fft, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by scipy and numpy."""
    from scipy import signal

    rows, step, size = wanted.frame(values.shape[1])
    frames = np.lib.stride_tricks.sliding_window_view(values, rows, axis=1)[:, ::step]
    found = np.fft.rfft(frames * signal.get_window(wanted.window, rows), size)
    return np.stack([found.real, found.imag], axis=-1).reshape(*found.shape[:2], -1)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)  # append made it


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    size = op.attrs["size"]
    points = size // 2
    params: dict[str, int | tuple[int, ...]] = {
        "channels": grid(source)[1],
        "frames": grid(target)[0],
        "size": op.attrs["rows"],
        "step": op.attrs["step"],
        "points": points,
        "shift": WINDOW_BITS - op.attrs["fraction"] - points.bit_length(),
    }
    arguments = (
        Input(source.name),
        Constant("window", weights(op.attrs["window"], op.attrs["rows"])),
        Constant("order", fourier.order(points)),
        Constant("root", fourier.wide_roots(points)),
        Constant("unfold", fourier.wide_unfolding(points)),
        Output(target.name),
    )
    return (Call("spectra", "spectra_s16", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    """Products of a radix-4 transform, of the unfolding and of the window."""
    rows, channels = grid(graph.output(op))[0], grid(graph.input(op, 0))[1]
    points: int = op.attrs["size"] // 2
    stages = (points.bit_length() - 1) // 2
    return rows * channels * (3 * points * stages + 2 * points + int(op.attrs["rows"]))


block = Block(Fft, append, reference, bound="each spectrum keeps 60 dB against numpy.fft.rfft, however quiet")
operator = Operator((KIND,), infer, calls, macs=macs)
