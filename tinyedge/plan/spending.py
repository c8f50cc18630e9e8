# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph and a number of bytes of flash, gives the fastest Plan within them, or the smallest there is.

Layers of one shape are one group, since they are one copy of a kernel: what the first of them takes, all do.
Groups go by the work that a byte of their code does, those that do most first, until the bytes are spent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.graph import Graph
from tinyedge.options import Options
from tinyedge.plan import Plan, plan, sharing

Look = Callable[[Plan], "Taken | None"]
"""Compiles a plan and says what it takes of flash; None where that is not measured."""


@dataclass(frozen=True)
class Taken:
    """Bytes of flash: in all, of each layer's function, and of each copy of a kernel, by their numbers."""

    total: int
    layers: Mapping[int, int]
    copies: Mapping[int, int]


@dataclass(frozen=True)
class Group:
    """Layers, by the names of their operators, their work together, and what their code takes, in bytes."""

    layers: tuple[str, ...]
    work: int
    bytes: int


def smallest(graph: Graph, board: Board, options: Options, look: Look) -> Plan:
    """The plan for size. Where layers share copies that is the smallest, by a kernel or more.

    Where none do, it is the one that turns out so: a compiler that is to make small code makes some that is
    tens of bytes larger.
    """
    small = plan(graph, board, options)
    if small.copies:
        return small
    fast = plan(graph, board, options, [op.name for op in graph.ops])
    least, other = look(small), look(fast)
    return fast if least is not None and other is not None and other.total < least.total else small


def within(graph: Graph, board: Board, options: Options, look: Look) -> Plan:
    """The fastest plan that takes `options.flash` bytes at most.

    UsageError where even the smallest takes more, or nothing is measured, and what `plan` raises.
    """
    assert options.flash is not None

    def made(fast: Collection[str]) -> Plan:
        return plan(graph, board, options, fast)

    def seen(tried: Plan) -> Taken:
        taken = look(tried)
        if taken is None:
            raise UsageError(
                f"what an image for {board.name} takes of flash is not measured here, so none can be given",
                "choose another board, or leave `flash` out",
            )
        return taken

    smallest = made(())
    least = seen(smallest).total
    if least > options.flash:
        raise UsageError(
            f"{graph.name} takes {least:,} bytes of flash on {board.name} where all layers are small, and"
            f" {options.flash:,} are given",
            f"give {least:,}, or use a model with fewer weights than {smallest.weights:,} bytes",
        )
    fastest = made([op.name for op in graph.ops])
    most = seen(fastest)
    ordered = groups(fastest, most)
    return made(spend(ordered, most.total, options.flash, lambda fast: seen(made(fast)).total))


def groups(fast: Plan, taken: Taken) -> list[Group]:
    """The groups of a plan of fast layers, those first that are worth most."""
    numbers = [number for number, layer in enumerate(fast.layers) if layer.calls]
    copies = fast.copies
    found = []
    for group in sharing.groups(copies, numbers):
        layers = [fast.layers[number] for number in sorted(group)]
        shared = (at for at, copy in enumerate(copies) if copy.calls[0][0] in group)
        size = sum(taken.layers.get(number, 0) for number in group)
        size += sum(taken.copies.get(at, 0) for at in shared)
        work = sum(sharing.work(fast.graph, layer.op) for layer in layers)
        found.append(Group(tuple(layer.op.name for layer in layers), work, max(size, 1)))
    return sorted(found, key=lambda one: one.work / one.bytes, reverse=True)


def spend(
    ordered: Sequence[Group], most: int, budget: int, measure: Callable[[Collection[str]], int]
) -> list[str]:
    """The layers of as many of the first groups as an image of at most `budget` bytes holds.

    most: bytes of the image with all of them; that with none is within the budget. Images need not grow with
    the groups that are fast: the kernel that small layers share goes with the last of them. So what is looked
    for are not the fewest that do not fit, but, from all downwards, the most that do: groups that are given
    up free at most their own code. Every answer was measured: sizes of functions only say where to look.
    """
    fits, beyond, taken = len(ordered), len(ordered), most
    while fits and taken > budget:
        beyond, over = fits, taken - budget
        while fits and over > 0:
            fits -= 1
            over -= ordered[fits].bytes
        taken = measure(_names(ordered[:fits])) if fits else budget
    while beyond - fits > 1:
        tried = (fits + beyond) // 2
        fits, beyond = (tried, beyond) if measure(_names(ordered[:tried])) <= budget else (fits, tried)
    return _names(ordered[:fits])


def _names(ordered: Sequence[Group]) -> list[str]:
    return [name for group in ordered for name in group.layers]
