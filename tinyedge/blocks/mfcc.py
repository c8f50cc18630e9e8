# SPDX-License-Identifier: Apache-2.0
"""Mel-frequency cepstral coefficients: the cosine transform of the levels that block `mel` gives."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid, step
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output

KIND = "BLOCK_MFCC"


class Mfcc(Parameters):
    """The orthonormal DCT-II of every row, of which the first coefficients stay.

    coefficients: how many; lifter: L of HTK's 1 + L / 2 sin(pi k / L), which multiplies them; 0 for none.
    """

    coefficients: Annotated[int, Field(ge=1, le=256)] = 13
    lifter: Annotated[int, Field(ge=0, le=256)] = 0


def append(stream: Stream, wanted: Mfcc, name: str) -> Stream:
    """int16 [1, rows, filters] -> [1, rows, coefficients], each in steps with which its largest fits."""
    rows, filters = grid(stream.last)
    if wanted.coefficients > filters:
        raise UsageError(
            f"block 'mfcc': coefficients = {wanted.coefficients} of {filters} columns",
            "there are as many as the `mel` before it has filters",
        )
    scales = step(stream, "mfcc") * largest(matrix(wanted, filters))
    quantization = Quantization(tuple(scales.tolist()), (0,) * len(scales), 2)
    target = Tensor(name, (1, rows, wanted.coefficients), "int16", quantization)
    attrs = {"coefficients": wanted.coefficients, "lifter": wanted.lifter}
    return stream.then(KIND.lower(), target, attrs)


def largest(weights: Reals) -> Reals:
    """float64 [coefficients]: the power of 2, at least 1, that no coefficient of values up to 1 exceeds."""
    return np.asarray(2.0 ** np.ceil(np.log2(np.maximum(1.0, np.abs(weights).sum(axis=1)))))


def matrix(wanted: Mfcc, filters: int) -> Reals:
    """float64 [coefficients, filters]."""
    k = np.arange(wanted.coefficients)[:, None]
    cosines = np.sqrt(2 / filters) * np.cos(np.pi * k * (np.arange(filters) + 0.5) / filters)
    cosines[0] /= np.sqrt(2)
    return np.asarray(cosines * lift(wanted)[:, None])


def lift(wanted: Mfcc) -> Reals:
    """float64 [coefficients]: what each is multiplied by."""
    k = np.arange(wanted.coefficients)
    if not wanted.lifter:
        return np.ones(len(k))
    return np.asarray(1 + wanted.lifter / 2 * np.sin(np.pi * k / wanted.lifter))


def reference(values: Reals, wanted: Mfcc, stream: Stream) -> Reals:
    """Of [runs, rows, filters], by scipy."""
    from scipy import fft

    found = fft.dct(values, type=2, norm="ortho", axis=-1)
    return np.asarray(found[..., : wanted.coefficients] * lift(wanted))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return ((1, grid(graph.input(op, 0))[0], op.attrs["coefficients"]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    rows, filters = grid(source)
    wanted = Mfcc(coefficients=op.attrs["coefficients"], lifter=op.attrs["lifter"])
    weights = matrix(wanted, filters)
    weights /= largest(weights)[:, None]
    bits = math.floor(math.log2(32767 / float(np.abs(weights).max())))
    params = {
        "rows": rows,
        "filters": filters,
        "coefficients": wanted.coefficients,
        "shift": bits,
    }
    rounded = np.rint(weights * 2.0**bits).astype(np.int16)
    arguments = (Input(source.name), Constant("matrix", rounded), Output(target.name))
    return (Call("mfcc", "mfcc_s16", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * grid(graph.input(op, 0))[1]


block = Block(Mfcc, append, reference, bound="one step of scipy.fft.dct")
operator = Operator((KIND,), infer, calls, macs=macs)
