# SPDX-License-Identifier: Apache-2.0
"""Work grows with the size of the model, not with its square: 3,000 operators of any form plan in seconds.

Limits are processor time of this process, so that a busy machine changes nothing, and several times what is
used.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests import single_op
from tests.single_op import Node
from tinyedge import board, emit, passes
from tinyedge import plan as planner
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.plan import ordering, placement

COUNT = 3000
SECONDS = 10.0
SCALE = Quantization((0.1,), (0,))


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds


def joined(*sources: tuple[str, ...]) -> Graph:
    """Operator i reads `sources[i]` and makes "t<i>"; "x" is the input, what nobody reads the outputs."""
    names = ["x", *(f"t{i}" for i in range(len(sources)))]
    tensors = {name: Tensor(name, (1, 16 + 8 * (i % 5)), "int8", SCALE) for i, name in enumerate(names)}
    built = tuple(Op("concatenation", n, read, (n,)) for n, read in zip(names[1:], sources, strict=True))
    outputs = {*names} - {name for read in sources for name in read}
    return Graph("g", tensors, built, ("x",), tuple(name for name in names if name in outputs))


def chain(count: int) -> Graph:
    return joined(("x",), *((f"t{i}",) for i in range(count - 1)))


def fan(count: int) -> Graph:
    """Operators that all read the input."""
    return joined(*[("x",)] * count)


def tree(count: int) -> Graph:
    """A fan, and behind it operators that add it up: in the file's order all of it is alive at once."""
    leaves = count // 2
    sums = [("t0", "t1"), *((f"t{leaves + i}", f"t{i + 2}") for i in range(leaves - 2))]
    return joined(*[("x",)] * leaves, *sums)


def crossed(count: int) -> Graph:
    """Operators that read two of the twenty before them."""
    names = ["x", *(f"t{i}" for i in range(count))]
    near = [(i * i % min(i + 1, 20), i * 7 % min(i + 1, 19)) for i in range(count)]
    return joined(
        *((names[i - a], names[i - b]) if a != b else (names[i - a],) for i, (a, b) in enumerate(near))
    )


@pytest.mark.parametrize("form", [chain, fan, tree, crossed])
def test_operators_are_ordered_and_placed_in_time(form: Callable[[int], Graph]) -> None:
    graph = form(COUNT)
    with limited(SECONDS):
        ordered = ordering.order(graph)
        placed = placement.place(ordered, 4)
    assert sorted(op.name for op in ordered.ops) == sorted(op.name for op in graph.ops)
    assert placed.lower_bound <= placed.size
    assert placed.size <= 1.2 * placed.lower_bound
    if form is tree:
        # The order that needs least is beyond any search, but not beyond a guess.
        assert placed.size < 300


def test_a_long_model_is_read_planned_and_written_in_time() -> None:
    """Operators whose outputs are no functions of one byte of the input: no pass makes fewer of them."""
    tensors = [Tensor(f"t{i}", (1, 16), "int8", SCALE) for i in range(COUNT + 1)]
    weights = np.random.default_rng(0).integers(-128, 128, (COUNT, 16, 16), np.int8)
    tensors += [Tensor(f"w{i}", (16, 16), "int8", SCALE, values) for i, values in enumerate(weights)]
    options = {"fusedActivationFunction": 0, "weightsFormat": 0, "keepNumDims": False}
    nodes = [Node("FULLY_CONNECTED", (f"t{i}", f"w{i}"), (f"t{i + 1}",), options) for i in range(COUNT)]
    model = single_op.pack(tensors, nodes, ["t0"], [f"t{COUNT}"])
    with limited(SECONDS):
        plan = planner.plan(passes.optimize(tflite.lower(model, "long")), board.load("host"))
    with limited(SECONDS):
        emit.emit(plan, "0" * 64)
    assert len(plan.layers) == COUNT and plan.arena_size <= 2 * plan.arena_lower_bound


def test_many_functions_of_one_byte_become_tables_in_time() -> None:
    """Every sum is a function of the input's byte, and hundreds of them are read: one run of LiteRT."""
    draw = random.Random(0)
    tensors, nodes, read = [Tensor("t0", (1, 16), "int8", SCALE)], [], set()
    for i in range(1, COUNT + 1):
        sources = (draw.choice(tensors[-20:]).name, draw.choice(tensors[-20:]).name)
        read |= set(sources)
        tensors.append(Tensor(f"t{i}", (1, 16), "int8", SCALE))
        nodes.append(Node("ADD", sources, (f"t{i}",), {"fusedActivationFunction": 0, "potScaleInt16": False}))
    outputs = [tensor.name for tensor in tensors[1:] if tensor.name not in read]
    model = single_op.pack(tensors, nodes, ["t0"], outputs)
    with limited(SECONDS):
        optimized = passes.optimize(tflite.lower(model, "sums"))
    assert {op.kind for op in optimized.ops} == {"table"} and len(optimized.ops) == len(outputs) > 100


def _filled(kind: str, told: tuple[int, int]) -> bytes:
    """A small file whose constants come to 1.6 GB; of that shape, it says `told`."""
    sizes = np.array([40_000, 40_000], np.int32)
    one = np.array(3 if kind == "FILL" else [[3]], np.int8)
    tensors = [
        Tensor("x", (1, 8), "int8", SCALE),
        Tensor("sizes", (2,), "int32", None, sizes),
        Tensor("one", one.shape, "int8", SCALE, one),
        Tensor("all", told, "int8", SCALE),
        Tensor("y", (1, 8), "int8", SCALE),
    ]
    read = ("sizes", "one") if kind == "FILL" else ("one", "sizes")
    add = Node("ADD", ("x", "all"), ("y",), {"fusedActivationFunction": 0, "potScaleInt16": False})
    return single_op.pack(tensors, [Node(kind, read, ("all",), {}), add], ["x"], ["y"])


def _multiplied(size: int, count: int) -> bytes:
    """Constant float matrices, multiplied one after another."""
    values = np.ones((size, size), np.float32)
    tensors = [Tensor(name, values.shape, "float32", None, values) for name in ("t0", "w")]
    tensors += [Tensor(f"t{i}", values.shape, "float32") for i in range(1, count + 1)]
    tensors += [Tensor(name, values.shape, "int8", SCALE) for name in ("x", "z", "y")]
    options = {"fusedActivationFunction": 0, "weightsFormat": 0, "keepNumDims": False}
    nodes = [Node("FULLY_CONNECTED", (f"t{i}", "w"), (f"t{i + 1}",), options) for i in range(count)]
    nodes += [Node("QUANTIZE", (f"t{count}",), ("z",), {})]
    nodes += [Node("ADD", ("x", "z"), ("y",), {"fusedActivationFunction": 0, "potScaleInt16": False})]
    return single_op.pack(tensors, nodes, ["x"], ["y"])


HUGE = {
    "fill": lambda: _filled("FILL", (1, 8)),
    "tile": lambda: _filled("TILE", (1, 8)),
    "known": lambda: _filled("TILE", (16_000, 16_000)),
    "matrices": lambda: _multiplied(900, 30),
}


@pytest.mark.skipif(sys.platform != "linux", reason="resource, and limits of address space")
@pytest.mark.parametrize("name", list(HUGE))
def test_constants_that_take_hours_to_compute_are_refused_in_time(name: str) -> None:
    import resource

    model, before = HUGE[name](), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with limited(SECONDS), pytest.raises(Unsupported):
        passes.optimize(tflite.lower(model, "huge"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime - before < SECONDS


def test_a_giant_name_is_read_in_time() -> None:
    """Checks name what is wrong: a sentence must not be made where nothing is."""
    names = ["x" * 50_000_000, "y"]
    tensors = [Tensor(name, (1, 16), "int8", SCALE) for name in names]
    model = single_op.pack(tensors, [Node("RELU", (names[0],), (names[1],), {})], names[:1], names[1:])
    with limited(SECONDS):
        planner.plan(passes.optimize(tflite.lower(model, "giant")), board.load("host"))
