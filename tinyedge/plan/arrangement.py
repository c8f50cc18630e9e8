# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph and instruction sets, gives the order of its operators, their kernel calls, and all offsets.

An operator that is a loop (ops/loop.py) has the graph of a step arranged the same way. That memory is one
scratch of the operator's, where the calls of a step find what is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op
from tinyedge.ops import Argument, Call, Constant, Input, Output, Scratch, loop
from tinyedge.options import Options
from tinyedge.plan import kernels, layout, ordering, placement, sharing
from tinyedge.plan.placement import Placement

STEP = "step"
"""The scratch that holds the activations of a step."""


@dataclass(frozen=True)
class Repeat:
    """Of an operator's calls those from number `first` on run `times` times, one after another."""

    first: int
    times: int


@dataclass(frozen=True)
class Arranged:
    """The graph in the order in which it runs, calls and loops by operator's name, where things lie.

    small: the names of operators whose code is to be small rather than fast.
    """

    graph: Graph
    calls: Mapping[str, tuple[Call, ...]]
    small: Collection[str]
    repeats: Mapping[str, Repeat]
    placed: Placement
    size: int


def arrange(
    graph: Graph, isa: Sequence[str], options: Options, fast: Collection[str] | None = None, share: int = 1
) -> Arranged:
    """Choose kernels, the order of the operators and the places of activations, in the least memory.

    fast: names of the operators that are to be, all others are to be small; None where their work decides.
    share: how many graphs have the work of the searches between them, as the steps of all loops do.
    Raises Unsupported for a layer without an integer form.
    """
    alignment = layout.alignment(isa)
    made = _made(graph, options)
    work = {op.name: sharing.work(graph, op) if made[op.name] else 0 for op in graph.ops if op.name in made}
    small = sharing.small(made, work, options.optimize) if fast is None else made.keys() - set(fast)
    calls: dict[str, tuple[Call, ...]] = {}
    repeats: dict[str, Repeat] = {}
    loops = sum("body" in op.attrs for op in graph.ops)
    for op in graph.ops:
        if op.name not in made:
            continue
        alone = replace(options, optimize="size" if op.name in small else "speed", flash=None)
        calls[op.name] = tuple(kernels.choose(call, isa, alone.optimize) for call in made[op.name])
        if "body" in op.attrs:
            repeats[op.name] = Repeat(len(made[op.name]), op.attrs["times"])
            calls[op.name] += _step(op, isa, alone, loops)
    ahead = {op.name: _ahead(graph, op, calls.get(op.name, ())) for op in graph.ops}
    scratch = {name: scratch_of(of_op) for name, of_op in calls.items()}
    placed = placement.place(graph, alignment, ahead, scratch, share)
    reordered = ordering.order(graph, share)
    if reordered is not graph:
        again = placement.place(reordered, alignment, ahead, scratch, share)
        if again.size < placed.size:
            graph, placed = reordered, again
    for name in placed.backwards:
        chosen = calls.get(name, ())  # a view has none
        if any(call.ordered for call in chosen):
            (call,) = chosen
            calls[name] = (replace(call, params={**call.params, "reverse": 1}),)
    # Whole vectors are read, also of a last activation that ends within one.
    size = placed.size if alignment == layout.WORD else (-(-placed.size // alignment) + 1) * alignment
    return Arranged(graph, calls, small, repeats, placed, size)


def _made(graph: Graph, options: Options) -> dict[str, tuple[Call, ...]]:
    """The calls of every operator that has some, before kernels are chosen."""
    made = {}
    for op in graph.ops:
        make = ops.lookup(op.kind).calls
        if make is None:
            continue
        try:
            made[op.name] = make(graph, op, options.rounding)
        except Unsupported as error:
            place = "" if f"'{op.name}'" in str(error) else f"layer {op.name!r} ({op.kind.upper()}): "
            raise Unsupported(f"{place}{error}", error.hint) from error
    return made


def scratch_of(calls: tuple[Call, ...]) -> Mapping[str, int]:
    """Bytes of an operator's scratch by name: as many as the call needs that needs most of it."""
    found: dict[str, int] = {}
    for call in calls:
        scratch = [argument for argument in call.arguments if isinstance(argument, Scratch)]
        names = [one.name for one in scratch if one.name != STEP]
        assert len(set(names)) == len(names), f"{call.kernel}: two scratches of one name"
        for one in scratch:
            found[one.name] = max(one.bytes, found.get(one.name, 0))
    return found


def _ahead(graph: Graph, op: Op, calls: tuple[Call, ...]) -> int:
    """Bytes of output that some call of `op` writes ahead of the contract's order."""
    pixels = max((call.ahead for call in calls), default=0)
    if not pixels:
        return 0
    target = graph.output(op)
    return pixels * target.shape[-1] * ITEM_SIZE[target.dtype]


def _step(op: Op, isa: Sequence[str], options: Options, share: int) -> tuple[Call, ...]:
    """The calls of one step: rows and what is carried in, the body, what is carried and rows out."""
    inner = arrange(loop.body_of(op), isa, options, share=share)
    carried = op.attrs["carried"]

    def place(at: int) -> Scratch:
        return Scratch(inner.size, STEP, at)

    def copy(name: str, source: Argument, target: Argument) -> Call:
        call = Call("copy", "copy", {"size": bytes_of(name)}, (source, target))
        return kernels.choose(call, isa, options.optimize)

    def bytes_of(name: str) -> int:
        return inner.graph.tensors[name].nbytes

    found = []
    for at, name in enumerate(inner.graph.inputs):
        kept = Input(op.outputs[at]) if at < carried else Input(op.inputs[at] or "", bytes_of(name))
        found.append(copy(name, kept, place(inner.placed.offsets[name])))
    for each in inner.graph.ops:
        scratch = inner.placed.scratch.get(each.name, {})
        for call in inner.calls.get(each.name, ()):
            moved = tuple(_moved(one, place, inner.placed.offsets, scratch) for one in call.arguments)
            found.append(replace(call, arguments=moved))
    for at, name in enumerate(inner.graph.outputs):
        stride = 0 if at < carried else bytes_of(name)
        found.append(copy(name, place(inner.placed.offsets[name]), Output(op.outputs[at], stride)))
    return tuple(found)


def _moved(
    argument: Argument,
    place: Callable[[int], Scratch],
    offsets: Mapping[str, int],
    scratch: Mapping[str, int],
) -> Argument:
    """An argument of a step's call, as one of the loop's."""
    if isinstance(argument, Constant):
        return argument
    if isinstance(argument, Scratch):
        return place(scratch[argument.name] + argument.at)
    assert isinstance(argument, Input | Output), "a step keeps no state"
    return place(offsets[argument.name])
