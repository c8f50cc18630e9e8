# SPDX-License-Identifier: Apache-2.0
"""What GATHER, GATHER_ND and EMBEDDING_LOOKUP share: blocks at positions that a tensor holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Constant, Input, Output, elementwise, require, strided

COORDINATES = 6
"""TE_GATHER_COORDINATES of firmware/kernels/gather.h."""


@dataclass(frozen=True)
class Blocks:
    """The walk of the kernel, in elements: see firmware/kernels/gather.h."""

    batches: int
    outer: int
    count: int
    plane: int
    block: int
    sizes: tuple[int, ...]
    pitches: tuple[int, ...]


def check_operands(graph: Graph, op: Op, source: Tensor, index: Tensor) -> None:
    """Require what the kernel takes: any integers, by int32 or int64 positions, one of them computed."""
    target = graph.output(op)
    computed = source.data is None or index.data is None
    require(computed, graph, op, "both its operands are constants", "fold constants before converting")
    require(source.dtype in strided.MOVED, graph, op, f"it takes {source.dtype}", "quantise the model")
    same = source.dtype == target.dtype
    require(same, graph, op, f"it makes {target.dtype} from {source.dtype}", "convert the model again")
    good = index.dtype in ("int32", "int64")
    require(good, graph, op, f"its positions are {index.dtype}", "give positions as int32")


def check_blocks(graph: Graph, op: Op, blocks: Blocks, index: Tensor) -> None:
    """Require as many coordinates as the kernel has, and constant positions inside."""
    rank = len(blocks.sizes)
    hint = f"up to {COORDINATES} are possible"
    require(rank <= COORDINATES, graph, op, f"its positions have {rank} coordinates", hint)
    if index.data is not None:
        positions = index.data.reshape(-1, rank)
        inside = bool(np.all((positions >= 0) & (positions < np.array(blocks.sizes))))
        require(inside, graph, op, f"positions of {index.name!r} are outside", "convert the model again")


def call(graph: Graph, op: Op, source: Tensor, index: Tensor, blocks: Blocks) -> Call:
    """Take `blocks` of `source` at `index`."""
    width = source.nbytes // source.size
    unused = (0,) * (COORDINATES - len(blocks.sizes))
    wide = index.data is None and index.dtype == "int64"
    params: dict[str, int | tuple[int, ...]] = {
        "batches": blocks.batches,
        "outer": blocks.outer,
        "count": blocks.count,
        "coordinates": len(blocks.sizes),
        "words": 2 if wide else 1,
        "plane": blocks.plane * width,
        "block": blocks.block * width,
        "size": (*blocks.sizes, *unused),
        "pitch": (*(pitch * width for pitch in blocks.pitches), *unused),
    }
    positions: Argument = Input(index.name)
    if index.data is not None:
        positions = Constant("positions", index.data.astype(np.int32), weight=True)
    arguments = (elementwise.operand(source), positions, Output(graph.output(op).name))
    return Call("gather", "gather", params, arguments)
