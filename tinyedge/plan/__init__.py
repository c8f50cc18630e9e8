# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph and a Board, gives a Plan: a kernel for every layer, an arena offset for every activation."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tinyedge import ops, text
from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.graph import STATES_AT_MOST, Graph, Op
from tinyedge.ops import Call, Constant
from tinyedge.options import DEFAULT, Options
from tinyedge.plan import layout, placement, sharing
from tinyedge.plan.arrangement import Arranged, Repeat, arrange, scratch_of


@dataclass(frozen=True)
class Layer:
    """One operator with calls of the kernels that were chosen for it; a view has neither calls nor cost.

    `small` says that its code is to be small rather than fast. `scratch` has the arena offsets of the memory
    that its calls use meanwhile, by name; `repeat` says which of the calls are the step of a loop.
    """

    op: Op
    calls: tuple[Call, ...]
    macs: int
    weights: int
    in_place: bool
    small: bool
    scratch: Mapping[str, int]
    repeat: Repeat | None = None

    @property
    def kernel(self) -> str:
        """Name of the kernel, or of several, each once, for people and build.json."""
        return " + ".join(dict.fromkeys(f"{call.kernel}_{call.isa}" for call in self.calls)) or "view"


@dataclass(frozen=True)
class Plan:
    """Everything that is decided about a build: the emitter only writes it down.

    `offsets` are where activations start in the arena, `state_offsets` where states start in the state block:
    bytes, by tensor name, multiples of `alignment`. The caller lends both.
    """

    graph: Graph
    board: Board
    options: Options
    layers: tuple[Layer, ...]
    offsets: Mapping[str, int]
    arena_size: int
    arena_lower_bound: int
    state_offsets: Mapping[str, int]
    state_size: int
    alignment: int = layout.WORD

    @property
    def small(self) -> bool:
        """Whether the code of some layer is to be small."""
        return any(layer.small for layer in self.layers if layer.calls)

    @property
    def fast(self) -> bool:
        """Whether the code of some layer is to be fast."""
        return any(not layer.small for layer in self.layers if layer.calls)

    @property
    def copies(self) -> tuple[sharing.Copy, ...]:
        """The copies of kernels that several calls share."""
        if self.options.optimize == "speed":
            return ()
        return sharing.copies([layer.calls for layer in self.layers], [layer.small for layer in self.layers])

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weights(self) -> int:
        """Bytes of weights and biases as the model file holds them, shared ones once."""
        arrays = {a.held.tobytes() for layer in self.layers for a in weights_of(layer.calls)}
        return sum(map(len, arrays))

    @property
    def scratch(self) -> Mapping[str, Mapping[str, int]]:
        """Bytes of scratch, by the operator's name and its own."""
        return {layer.op.name: scratch_of(layer.calls) for layer in self.layers}


def weights_of(calls: tuple[Call, ...]) -> tuple[Constant, ...]:
    """The arrays of some calls that are numbers of the network, each once."""
    found = (a for call in calls for a in call.arguments if isinstance(a, Constant) and a.weight)
    return tuple({id(constant.held): constant for constant in found}.values())


def plan(graph: Graph, board: Board, options: Options = DEFAULT, fast: Collection[str] | None = None) -> Plan:
    """Choose kernels, the order of the operators and the places of activations.

    fast: names of the operators that are to be, all others are to be small; None where the options decide.
    Raises Unsupported for a layer without an integer form, UsageError where the arena exceeds the board's
    RAM.
    """
    arranged = arrange(graph, board.isa, options, fast)
    graph, placed, size = arranged.graph, arranged.placed, arranged.size
    alignment = layout.alignment(board.isa)
    state_offsets, state_size = _states(graph, alignment)
    if state_size > STATES_AT_MOST:
        what = f"the states of {graph.name} come to {state_size:,} bytes"
        raise UsageError(what, f"{STATES_AT_MOST:,} are possible")
    ram = None if board.memory is None else board.memory.ram.length
    if ram is not None and size + state_size > ram:
        kept = f" and {state_size:,} for states" if state_size else ""
        raise UsageError(
            f"{graph.name} needs {size:,} bytes for activations{kept}; {board.name} has {ram:,} bytes"
            f" of RAM ({_peak(arranged)})",
            "choose a board with more RAM, or shrink these layers (a smaller input, a larger stride)",
        )
    layers = []
    for op in graph.ops:
        chosen = arranged.calls.get(op.name, ())
        in_place = bool(chosen) and placement.overlaps_input(graph, op, placed.offsets)
        weights = sum(a.held.nbytes for a in weights_of(chosen))
        macs = ops.lookup(op.kind).macs(graph, op)
        scratch, repeat = placed.scratch.get(op.name, {}), arranged.repeats.get(op.name)
        layers.append(Layer(op, chosen, macs, weights, in_place, op.name in arranged.small, scratch, repeat))
    return Plan(
        graph,
        board,
        options,
        tuple(layers),
        placed.offsets,
        size,
        placed.lower_bound,
        state_offsets,
        state_size,
        alignment,
    )


def _states(graph: Graph, alignment: int) -> tuple[dict[str, int], int]:
    """Offsets of the states in their block, in the graph's order, and the block's size in bytes.

    All of them live for ever, so there is nothing to search for.
    """
    offsets, end = {}, 0
    for name in graph.states:
        offsets[name] = -(-end // alignment) * alignment
        end = offsets[name] + graph.tensors[name].nbytes
    return offsets, end


def _peak(arranged: Arranged) -> str:
    scratch = {name: scratch_of(calls) for name, calls in arranged.calls.items()}
    return placement.describe_peak(arranged.graph, scratch)


def dump(plan: Plan) -> str:
    """The plan as text; what `--dump plan` prints and golden tests compare."""
    lines = [
        f"plan {plan.graph.name} for {plan.board.name}, optimize {plan.options.optimize},"
        f" rounding {plan.options.rounding}",
        f"  arena {plan.arena_size} bytes (lower bound {plan.arena_lower_bound}), {plan.macs} MACs,"
        f" {plan.weights} bytes of weights",
    ]
    if plan.state_offsets:
        lines.append(f"  states {plan.state_size} bytes")
    for name, start in plan.state_offsets.items():
        lines.append(f"      {start:>7} .. {start + plan.graph.tensors[name].nbytes:<7} {name}")
    for layer in plan.layers:
        often = f", {layer.repeat.times} times" if layer.repeat else ""
        lines.append(f"  {layer.op.name}: {layer.kernel}{' in place' if layer.in_place else ''}{often}")
        for name in (*plan.graph.activations(layer.op), *layer.op.outputs):
            start = plan.offsets[name]
            lines.append(f"      {start:>7} .. {start + plan.graph.tensors[name].nbytes:<7} {name}")
        for name, size in scratch_of(layer.calls).items():
            start = layer.scratch[name]
            lines.append(f"      {start:>7} .. {start + size:<7} scratch {name!r}")
        lines += [
            f"      {a.data.nbytes:>7} bytes {a.role}"
            for call in layer.calls
            for a in call.arguments
            if isinstance(a, Constant)
        ]
    return "".join(f"{text.terminal(line)}\n" for line in lines)
