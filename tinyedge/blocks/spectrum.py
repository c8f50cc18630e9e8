# SPDX-License-Identifier: Apache-2.0
"""Power spectra as levels, or magnitudes: what block `fft` gives, without phases."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import PositiveFloat

from tinyedge.blocks import Block, Reals, Stream, fft, grid
from tinyedge.blocks.level import Level, constant
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_SPECTRUM"


class Spectrum(fft.Fft):
    """The keys of `fft`, and

    output: 10 log10 |X|^2 ("decibel"), ln |X|^2 ("natural"), both int16, or |X| ("magnitude"), int32; floor:
    of |X|^2 before a logarithm, at least one step of it.
    """

    output: Literal["decibel", "natural", "magnitude"] = "decibel"
    floor: PositiveFloat = 1e-10


def append(stream: Stream, wanted: Spectrum, name: str) -> Stream:
    """int16 [1, rows, channels] -> [1, frames, channels * bins]."""
    before = fft.append(stream, wanted, f"{name}/fft")
    frames, columns = grid(before.last)
    shape = (1, frames, columns // 2)
    if wanted.output == "magnitude":
        target = Tensor(name, shape, "int32", before.last.quantization)
        return before.then(KIND.lower(), target, {"level": None})
    level = _level(before, wanted)
    target = Tensor(name, shape, "int16", Quantization((level.step,), (0,)))
    return before.then(KIND.lower(), target, {"level": level})


def _level(before: Stream, wanted: Spectrum) -> Level:
    assert wanted.output != "magnitude"
    return Level(wanted.output, before.last.scale**2, wanted.floor)


def reference(values: Reals, wanted: Spectrum, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by scipy and numpy."""
    parts = fft.reference(values, wanted, stream)
    energies = parts[..., ::2] ** 2 + parts[..., 1::2] ** 2
    if wanted.output == "magnitude":
        return np.asarray(np.sqrt(energies))
    return _level(fft.append(stream, wanted, "fft"), wanted).reference(energies)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    rows, columns = grid(graph.input(op, 0))
    return ((1, rows, columns // 2),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    level: Level | None = op.attrs["level"]
    if level is None:
        params: dict[str, int | tuple[int, ...]] = {"bins": target.size}
        return (Call("spectrum", "spectrum_s32_s32", params, (Input(source.name), Output(target.name))),)
    params = {"bins": target.size, "level": level.params()}
    arguments = (Input(source.name), constant(), Output(target.name))
    return (Call("spectrum", "spectrum_s32_s16", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    """Two products a bin."""
    return graph.input(op, 0).size


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Bin by bin, and none gets wider."""
    return 0


block = Block(
    Spectrum,
    append,
    reference,
    bound="magnitudes keep 60 dB against numpy.fft.rfft; a level is off by half a step and 2^-8 of a neper"
    " where a bin is within 50 dB of the loudest",
)
operator = Operator((KIND,), infer, calls, macs=macs, distance=distance)
