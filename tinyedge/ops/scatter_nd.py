# SPDX-License-Identifier: Apache-2.0
"""SCATTER_ND and SPARSE_TO_DENSE: blocks at constant positions of a tensor of zeros, or of a default."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, require, scattered, strided, view

ORDER = {3: (0, 1, 2), 4: (0, 2, 1)}
"""Inputs with positions, blocks and shape: of SCATTER_ND, and of SPARSE_TO_DENSE, which has a default."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "shape", "places" [n, coordinates], "default" and the number of the input with "blocks"."""
    if len(inputs) not in ORDER or None in inputs:
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")
    order = ORDER[len(inputs)]
    positions, blocks, wanted = (inputs[i] for i in order)
    assert positions is not None and blocks is not None and wanted is not None
    if positions.data is None:
        raise Unsupported("its positions are computed", "make them constant")
    places = positions.data.astype(np.int64)
    if len(inputs) == 4 and places.ndim < 2:
        places = places.reshape(-1, 1)
    if places.ndim < 1:
        raise Unsupported("its positions are a single number", "convert the model again")
    default = inputs[3] if len(inputs) == 4 else None
    if default is not None and (default.data is None or default.size != 1):
        raise Unsupported("its default is computed", "make it constant")
    return {
        "shape": view.constant_vector(wanted, "shape"),
        "places": places.reshape(-1, places.shape[-1]),
        "default": 0 if default is None or default.data is None else int(default.data.reshape(-1)[0]),
        "blocks": order[1],
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    blocks, shape, places = graph.input(op, op.attrs["blocks"]), op.attrs["shape"], op.attrs["places"]
    scattered.check_moved(graph, op, blocks)
    rank = places.shape[1]
    good = 1 <= rank <= len(shape) and blocks.size == len(places) * math.prod(shape[rank:])
    what = f"{blocks.shape} at {len(places)} positions of {rank} coordinates in {shape}"
    require(good, graph, op, what, "convert the model again")
    scattered.check_places(graph, op, places, shape[:rank])
    small = op.attrs["default"] == 0 or ITEM_SIZE[blocks.dtype] <= 4
    require(small, graph, op, "its default has 64 bits", "use a default of 0")
    return (shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    blocks, target, places = graph.input(op, op.attrs["blocks"]), graph.output(op), op.attrs["places"]
    width = ITEM_SIZE[target.dtype]
    rank = places.shape[1]
    offsets = (places * np.array(strided.pitches(target.shape)[:rank])).sum(axis=1) * width
    block = math.prod(target.shape[rank:]) * width
    fill = scattered.filled(target, op.attrs["default"])
    return (fill, scattered.placed(blocks, target, offsets, block))


def cases() -> Iterator[Case]:
    scatters: list[tuple[tuple[int, ...], list[Any]]] = [
        ((5, 4), [[3], [0]]),
        ((3, 2, 4), [[1, 1], [0, 0], [2, 1]]),
    ]
    # LiteRT has no int16 here.
    for i, (shape, listed), dtype in case.typed(scatters, "int32", "int64"):
        places = Tensor("places", np.shape(listed), "int32", None, np.array(listed, np.int32))
        rest = shape[len(listed[0]) :]
        blocks = case.moved(np.random.default_rng(i), "input", (len(listed), *rest), dtype)
        target = Tensor("output", shape, dtype, blocks.quantization)
        inputs = (places, blocks, case.indices("shape", *shape))
        yield Case(f"scatter_{dtype}_{i}", "SCATTER_ND", inputs, target, {})
    sparse: list[tuple[str, tuple[int, ...], list[Any]]] = [
        ("int8", (6,), [4, 1]),
        ("int32", (3, 4), [[0, 2], [2, 1]]),
    ]
    for i, (dtype, shape, listed) in enumerate(sparse):
        places = Tensor("places", np.shape(listed), "int32", None, np.array(listed, np.int32))
        values = case.moved(np.random.default_rng(i), "input", (2,), dtype)
        default = Tensor("default", (), dtype, None, np.array(-3, dtype))
        target = Tensor("output", shape, dtype, values.quantization)
        # LiteRT wants positions in ascending order only where it is asked to look.
        all_of_it = (places, case.indices("shape", *shape), values, default)
        yield Case(f"sparse_{dtype}_{i}", "SPARSE_TO_DENSE", all_of_it, target, {"validateIndices": False})


operator = Operator(("SCATTER_ND", "SPARSE_TO_DENSE"), infer, calls, read, cases=cases)
