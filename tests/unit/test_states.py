# SPDX-License-Identifier: Apache-2.0
"""States of a graph: what verify asks of them, how they are printed, ordered and placed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tinyedge.graph import Graph, IllFormed, Op, Quantization, Tensor, dump, verify
from tinyedge.plan import ordering, placement

QUANTIZED = Quantization((0.5,), (0,))


def delay() -> Graph:
    """Gives what came in the run before: the state is read before it is written."""
    tensors = [Tensor(name, (1, 6), "int8", QUANTIZED) for name in ("x", "h", "y")]
    return Graph(
        "delay",
        {t.name: t for t in tensors},
        (
            Op("read_variable", "read", ("h",), ("y",)),
            Op("assign_variable", "write", ("h", "x"), ()),
        ),
        ("x",),
        ("y",),
        {"h": np.full((1, 6), -3, np.int8)},
    )


def test_a_delay_is_well_formed_and_says_what_it_holds() -> None:
    graph = delay()
    verify(graph)
    read, write = graph.ops
    assert graph.activations(read) == () and graph.activations(write) == ("x",)
    assert graph.states_of(read) == graph.states_of(write) == ("h",)
    text = dump(graph)
    assert "  state  h: state int8[1x6] = -3\n" in text and "      in  h: state int8[1x6]\n" in text


def test_an_initial_value_shows_by_its_digest() -> None:
    values = np.arange(6, dtype=np.int8).reshape(1, 6)
    other = values[:, ::-1].copy()
    texts = [dump(replace(delay(), states={"h": initial})) for initial in (values, other)]
    assert "6 values, SHA-256 " in texts[0] and texts[0] != texts[1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"states": {"z": np.zeros(1, np.int8)}}, "'z' is not a tensor"),
        ({"states": {"h": np.zeros((1, 6), np.int16)}}, "its initial value int16"),
        ({"states": {"h": np.zeros((6,), np.int8)}}, r"its initial value int8 \(6,\)"),
        ({"states": {"x": np.zeros((1, 6), np.int8)}}, "'x' is an input or output"),
        ({"ops": (Op("read_variable", "r", ("h",), ("y",)), Op("relu", "w", ("x",), ("h",)))}, "already set"),
        ({"states": {}}, "reads 'h' before it is written"),
    ],
)
def test_what_is_wrong_with_a_state_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(IllFormed, match=words):
        verify(replace(delay(), **change))  # type: ignore[arg-type]


def test_a_constant_is_no_state() -> None:
    graph = delay()
    held = replace(graph.tensors["h"], data=np.zeros((1, 6), np.int8))
    with pytest.raises(IllFormed, match="'h' is a constant, too"):
        verify(replace(graph, tensors={**graph.tensors, "h": held}))


def test_users_of_a_state_keep_their_order_where_another_would_need_less_memory() -> None:
    # Without the state it would pay to make the small ones of both branches first.
    sizes = {"x": 10, "big": 100, "wide": 100, "small": 5, "thin": 5, "y": 10}
    tensors = {n: Tensor(n, (1, size), "int8", QUANTIZED) for n, size in sizes.items()}
    tensors["h"] = Tensor("h", (1, 1), "int8", QUANTIZED)

    def graph(big: tuple[str, ...], wide: tuple[str, ...]) -> Graph:
        ops = (
            Op("concatenation", "big", ("x", *big), ("big",)),
            Op("concatenation", "wide", ("x", *wide), ("wide",)),
            Op("concatenation", "small", ("big", *wide), ("small",)),
            Op("concatenation", "thin", ("wide", *big), ("thin",)),
            Op("concatenation", "y", ("small", "thin"), ("y",)),
        )
        return Graph("g", tensors, ops, ("x",), ("y",), {"h": np.zeros((1, 1), np.int8)})

    free = graph((), ())
    assert ordering.order(free) is not free
    tied = graph(("h",), ("h",))
    assert ordering.order(tied) is tied
    assert "h" not in placement.place(tied, 4).offsets


def test_an_operator_without_outputs_keeps_what_it_reads_until_then() -> None:
    tensors = {n: Tensor(n, (1, 40), "int8", QUANTIZED) for n in ("x", "h", "y", "z")}
    ops = (
        Op("concatenation", "y", ("x",), ("y",)),
        Op("concatenation", "z", ("y",), ("z",)),
        Op("concatenation", "keep", ("h", "y"), ()),
    )
    graph = Graph("g", tensors, ops, ("x",), ("z",), {"h": np.zeros((1, 40), np.int8)})
    verify(graph)
    placed = placement.place(graph, 4)
    assert abs(placed.offsets["y"] - placed.offsets["z"]) >= 40
    assert ordering.order(graph) is graph
