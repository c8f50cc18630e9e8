# SPDX-License-Identifier: Apache-2.0
"""The graph: who reads and makes a tensor, and what is left when nobody needs the rest."""

from __future__ import annotations

from tinyedge.graph import Graph, Op, Tensor, verify


def graph(*ops: Op, outputs: tuple[str, ...] = ("c",)) -> Graph:
    names = dict.fromkeys(["a", "unread", *(n for op in ops for n in (*op.inputs, *op.outputs) if n)])
    tensors = {name: Tensor(name, (4,), "int8") for name in names}
    return Graph("graph", tensors, ops, ("a", "unread"), outputs)


def test_readers_and_makers() -> None:
    first, second = Op("relu", "first", ("a",), ("b",)), Op("add", "second", ("b", None, "b", "a"), ("c",))
    found = graph(first, second)
    assert found.readers() == {"a": (first, second), "unread": (), "b": (second,), "c": ()}
    assert found.makers() == {"b": first, "c": second}


def test_what_nobody_needs_goes_with_its_tensors() -> None:
    kept = Op("relu", "kept", ("a",), ("c",))
    lost = (Op("relu", "lost", ("c",), ("d",)), Op("relu", "lost too", ("d",), ("e",)))
    left = graph(kept, *lost).pruned()
    verify(left)
    assert left.ops == (kept,) and list(left.tensors) == ["a", "unread", "c"]


def test_an_operator_with_an_effect_stays_with_all_that_it_needs() -> None:
    ops = (
        Op("relu", "x", ("a",), ("b",)),
        Op("assign_variable", "effect", ("b",), ()),
        Op("relu", "y", ("a",), ("c",)),
    )
    assert graph(*ops).pruned().ops == ops


def test_one_needed_output_keeps_the_operator_and_its_other_outputs() -> None:
    split = Op("split", "split", ("a",), ("b", "c"))
    assert list(graph(split).pruned().tensors) == ["a", "unread", "b", "c"]
