# SPDX-License-Identifier: Apache-2.0
"""Weighted sums of the energies of bins: what blocks `mel` and `bands` become."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinyedge.blocks import Reals, Stream, grid
from tinyedge.blocks.level import Level, constant
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Argument, Call, Constant, Input, Operator, Output

KIND = "BLOCK_FILTER_BANK"
WEIGHT = 65535
"""The largest weight, in steps of 2^-16."""
Form = Literal["natural", "decibel", "root"]


@dataclass(frozen=True)
class Bank:
    """Filters: the first bin and the number of bins of each, and their weights one behind another.

    largest: what weight WEIGHT is worth.
    """

    first: tuple[int, ...]
    count: tuple[int, ...]
    weights: tuple[int, ...]
    largest: float


def packed(weights: Reals) -> Bank:
    """Of [filters, bins]; every filter has a weight that is not 0, and no gaps."""
    largest = float(weights.max())
    rounded = np.rint(weights / largest * WEIGHT).astype(np.int64)
    used = [np.flatnonzero(row) for row in rounded]
    return Bank(
        tuple(int(bins[0]) for bins in used),
        tuple(int(bins[-1] - bins[0] + 1) for bins in used),
        tuple(int(w) for row, bins in zip(rounded, used, strict=True) for w in row[bins[0] : bins[-1] + 1]),
        largest,
    )


def append(stream: Stream, weights: Reals, output: Form, floor: float, name: str) -> Stream:
    """int32 [1, frames, channels * bins * 2] -> levels or roots [1, frames, channels * filters]."""
    assert stream.bins is not None
    frames, columns = grid(stream.last)
    shape = (1, frames, columns // (2 * stream.bins.count) * len(weights))
    bank = packed(weights)
    if output == "root":
        root = Quantization((math.sqrt(_worth(stream, bank)),), (0,))
        return stream.then(KIND.lower(), Tensor(name, shape, "int32", root), {"bank": bank, "level": None})
    level = Level(output, _worth(stream, bank), floor)
    target = Tensor(name, shape, "int16", Quantization((level.step,), (0,)))
    return stream.then(KIND.lower(), target, {"bank": bank, "level": level})


def _worth(stream: Stream, bank: Bank) -> float:
    """Of one step of a filter's energy."""
    return stream.last.scale**2 * bank.largest * (WEIGHT + 1) / WEIGHT


def reference(values: Reals, weights: Reals, output: Form, floor: float, stream: Stream) -> Reals:
    """Of [runs, frames, channels * bins * 2], by numpy."""
    parts = values.reshape(*values.shape[:2], -1, weights.shape[1], 2)
    energies = ((parts**2).sum(axis=-1) @ weights.T).reshape(*values.shape[:2], -1)
    if output == "root":
        return np.asarray(np.sqrt(energies))
    return Level(output, _worth(stream, packed(weights)), floor).reference(energies)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)  # append made it


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    bank: Bank = op.attrs["bank"]
    level: Level | None = op.attrs["level"]
    spectra = target.size // len(bank.first)
    params: dict[str, int | tuple[int, ...]] = {
        "spectra": spectra,
        "bins": source.size // (2 * spectra),
        "filters": len(bank.first),
    }
    arguments: tuple[Argument, ...] = (
        Input(source.name),
        Constant("first", _narrow(bank.first)),
        Constant("count", _narrow(bank.count)),
        Constant("weights", _narrow(bank.weights)),
    )
    if level is None:
        return (Call("filter_bank", "filter_bank_s32_s32", params, (*arguments, Output(target.name))),)
    params["level"] = level.params()
    return (
        Call("filter_bank", "filter_bank_s32_s16", params, (*arguments, constant(), Output(target.name))),
    )


def _narrow(values: tuple[int, ...]) -> Array:
    return np.array(values, np.uint16)


def macs(graph: Graph, op: Op) -> int:
    """Three products for each weight."""
    bank: Bank = op.attrs["bank"]
    return 3 * len(bank.weights) * (graph.output(op).size // len(bank.first))


operator = Operator((KIND,), infer, calls, macs=macs)
