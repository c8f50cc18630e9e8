# SPDX-License-Identifier: Apache-2.0
"""What operators share whose operands are broadcast: the loops of their kernels."""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import require

MAX_LOOPS = 4
"""Loops of the kernels, once neighbouring dimensions that are broadcast alike are merged."""

Loop = tuple[int, tuple[int, ...]]
"""How often it runs, and the elements by which it moves on in each operand."""


def shape(graph: Graph, op: Op, operands: Sequence[Tensor]) -> tuple[int, ...]:
    """The shape that all operands fit; requires one, of at most MAX_LOOPS loops, and a computed operand."""
    computed = any(operand.data is None for operand in operands)
    hint = "fold constants before converting"
    require(computed, graph, op, "all its operands are constants", hint)
    shapes = [operand.shape for operand in operands]
    rank = max(map(len, shapes))
    columns = list(zip(*(_padded(one, rank) for one in shapes), strict=True))
    fit = all(len({n for n in column if n != 1}) <= 1 and 0 not in column for column in columns)
    what = f"shapes {' and '.join(map(str, shapes))} do not fit each other"
    require(fit, graph, op, what, "reshape one of them")
    count = len(loops(operands))
    hint = f"broadcast with at most {MAX_LOOPS} loops; this takes {count}"
    require(count <= MAX_LOOPS, graph, op, what, hint)
    return tuple(max(column) for column in columns)


def loops(operands: Sequence[Tensor]) -> list[Loop]:
    """Outermost first, neighbours that are broadcast alike as one loop."""
    rank = max(len(operand.shape) for operand in operands)
    columns = zip(*(_padded(operand.shape, rank) for operand in operands), strict=True)
    merged: list[tuple[int, tuple[bool, ...]]] = []
    for column in reversed(list(columns)):
        size, moves = max(column), tuple(n > 1 for n in column)
        if size == 1:
            continue
        if merged and merged[-1][1] == moves:
            size *= merged.pop()[0]
        merged.append((size, moves))
    found: list[Loop] = []
    steps = [1] * len(operands)
    for size, moves in merged:
        found.append((size, tuple(step if move else 0 for step, move in zip(steps, moves, strict=True))))
        steps = [step * size if move else step for step, move in zip(steps, moves, strict=True)]
    return found[::-1]


def params(names: str, operands: Sequence[Tensor]) -> dict[str, int | tuple[int, ...]]:
    """Fields "size" and, for each operand by its letter in `names`, "<letter>_step"."""
    found = loops(operands)
    filled = [(1, (0,) * len(operands))] * (MAX_LOOPS - len(found)) + found
    fields: dict[str, int | tuple[int, ...]] = {"size": tuple(size for size, _ in filled)}
    for i, name in enumerate(names):
        fields[f"{name}_step"] = tuple(steps[i] for _, steps in filled)
    return fields


def _padded(given: tuple[int, ...], rank: int) -> tuple[int, ...]:
    return (1,) * (rank - len(given)) + given
