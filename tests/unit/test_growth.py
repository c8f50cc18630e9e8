# SPDX-License-Identifier: Apache-2.0
"""Work grows with the size of the model, not with its square: 3,000 operators of any form plan in seconds.

Limits are processor time of this process, so that a busy machine changes nothing, and several times what is
used.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests import single_op
from tests.single_op import Node
from tinyedge import board, emit, passes
from tinyedge import plan as planner
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
    tensors = [Tensor(f"t{i}", (1, 16), "int8", SCALE) for i in range(COUNT + 1)]
    nodes = [Node("RELU", (f"t{i}",), (f"t{i + 1}",), {}) for i in range(COUNT)]
    model = single_op.pack(tensors, nodes, ["t0"], [f"t{COUNT}"])
    with limited(SECONDS):
        plan = planner.plan(passes.optimize(tflite.lower(model, "long")), board.load("host"))
        emit.emit(plan, "0" * 64)
    assert plan.arena_size == plan.arena_lower_bound == 16


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


def test_a_giant_name_is_read_in_time() -> None:
    """Checks name what is wrong: a sentence must not be made where nothing is."""
    names = ["x" * 20_000_000, "y"]
    tensors = [Tensor(name, (1, 16), "int8", SCALE) for name in names]
    model = single_op.pack(tensors, [Node("RELU", (names[0],), (names[1],), {})], names[:1], names[1:])
    with limited(SECONDS):
        planner.plan(passes.optimize(tflite.lower(model, "giant")), board.load("host"))
