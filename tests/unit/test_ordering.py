# SPDX-License-Identifier: Apache-2.0
"""The order of operators: the best there is, and the file's own unless another is better."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tinyedge.graph import Graph, Op, Quantization, Tensor, verify
from tinyedge.plan import ordering, placement

SIZES = (1, 8, 40, 100)


def graph(sizes: list[int], ops: list[tuple[str, tuple[str, ...]]], outputs: list[str]) -> Graph:
    """Tensors a, b, c ... of `sizes` bytes; a is the input, each operator gives the next one."""
    names = [chr(ord("a") + i) for i in range(len(sizes))]
    tensors = {
        n: Tensor(n, (1, size), "int8", Quantization((0.1,), (0,)))
        for n, size in zip(names, sizes, strict=True)
    }
    built = [Op(kind, n, inputs, (n,)) for n, (kind, inputs) in zip(names[1:], ops, strict=True)]
    return Graph("g", tensors, tuple(built), ("a",), tuple(outputs))


def bound(candidate: Graph) -> int:
    """What the layers of a graph need in its order: computed apart from what is tested."""
    return placement.place(candidate, 1).lower_bound


def test_a_branch_that_shrinks_goes_first() -> None:
    # b and c are large, d and e what becomes of them: having both large ones at once is what costs.
    sources = [("a",), ("a",), ("b",), ("c",), ("d", "e")]
    g = graph([10, 100, 100, 5, 5, 10], [("concatenation", s) for s in sources], ["f"])
    best = ordering.order(g)
    assert [op.name for op in best.ops] in (["b", "d", "c", "e", "f"], ["c", "e", "b", "d", "f"])
    assert placement.place(best, 4).size < placement.place(g, 4).size


def test_a_chain_and_what_is_best_already_stay() -> None:
    chain = graph([9, 50, 9, 50], [("concatenation", (n,)) for n in "abc"], ["d"])
    assert ordering.order(chain) is chain


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(2, 6))
    sizes = [draw(st.sampled_from(SIZES)) for _ in range(count + 1)]
    ops = []
    for i in range(count):
        sources = draw(st.lists(st.integers(0, i), min_size=1, max_size=2, unique=True))
        ops.append(("concatenation", tuple(chr(ord("a") + s) for s in sorted(sources))))
    read = {name for _, inputs in ops for name in inputs}
    outputs = [chr(ord("a") + i + 1) for i in range(count) if chr(ord("a") + i + 1) not in read]
    return graph(sizes, ops, outputs)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_no_order_needs_less(g: Graph) -> None:
    best = ordering.order(g)
    verify(best)
    legal = []
    for ops in itertools.permutations(g.ops):
        known = {"a"}
        for op in ops:
            if not set(op.inputs) <= known:
                break
            known |= set(op.outputs)
        else:
            legal.append(replace(g, ops=ops))
    assert bound(best) == min(map(bound, legal))
    if best is not g:
        assert bound(best) < bound(g)
