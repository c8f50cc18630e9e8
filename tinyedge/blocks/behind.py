# SPDX-License-Identifier: Apache-2.0
"""Takes a model's Graph and the stages behind it, gives one Graph that ends with scores and decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinyedge import blocks, ops
from tinyedge.blocks import Block, Parameters, Stream, attach
from tinyedge.build import Counters, Decision
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor, verify
from tinyedge.project import Stage

DECISION = "decision"
"""What tensors of stages behind the network are called: decision/1_score ..."""
OWN_READERS = ("score", "reconstruction_error", "mahalanobis", "kmeans", "gmm")
"""Blocks that read what the network gives as it is; before others a `score` makes int32 of it."""


@dataclass(frozen=True)
class Back:
    """The stages that a model's outputs pass, in order."""

    stages: tuple[Stage, ...]


def decide(graph: Graph, back: Back | None) -> Graph:
    """`graph` with the stages of `back` behind its first output; without any, `graph` itself.

    The outputs are then what stages decided by, what they counted, and what the
    last one gives. Raises UsageError where a stage does not fit the one before it.
    """
    if back is None or not back.stages:
        return graph
    stream = start(graph)
    for at, stage in enumerate(spelled(back)):
        block, given = parsed(stage)
        if given.unlearnt:
            raise UsageError(
                f"block {stage.block!r} has no {given.unlearnt}, and there is nothing to learn it from",
                f"give {given.unlearnt}, or a recording of what is normal: `[task] normal = ...`",
            )
        stream = block.append(stream, given, tensor_of(at, stage))
    outputs = tuple(dict.fromkeys((*stream.kept, stream.tensor)))
    made = replace(stream.graph, outputs=outputs)
    if stream.said not in alone(made).inputs:  # nobody would see what the network gives
        made = replace(made, outputs=(*outputs, stream.said))
    verify(made)
    return made


def start(graph: Graph) -> Stream:
    """The stream at the first output of a graph that `attach` made, or of a network alone."""
    said = graph.outputs[0]
    fed = (*attach.features(graph), *graph.inputs)[0]
    return Stream(graph, said, fed=fed, said=said)


def spelled(back: Back) -> tuple[Stage, ...]:
    """The stages, with a `score` before those that need one."""
    first = back.stages[0].block
    return back.stages if first in OWN_READERS else (Stage(block="score"), *back.stages)


def parsed(stage: Stage) -> tuple[Block, Parameters]:
    """The block and its parameters; UsageError for one that stands before the network."""
    block = blocks.lookup(stage.block)
    if block.place == "before":
        raise UsageError(
            f"block {stage.block!r} takes samples, and the network's output are none",
            "put it under [[preprocess]]",
        )
    return block, blocks.parse(stage.block, stage.model_extra or {})


def tensor_of(at: int, stage: Stage) -> str:
    """The name of what stage number `at` gives."""
    return f"{DECISION}/{at + 1}_{stage.block}"


def alone(graph: Graph) -> Graph:
    """Of a graph that `decide` made, the stages behind the network: what they read of it becomes inputs."""
    own = tuple(op for op in graph.ops if op.name.startswith(f"{DECISION}/"))
    states = {name: graph.states[name] for op in own for name in graph.states_of(op)}
    made = {name for op in own for name in op.outputs}
    read = tuple(dict.fromkeys(n for op in own for n in graph.activations(op) if n not in made))
    used = {*read, *states, *made, *(n for op in own for n in op.inputs if n is not None)}
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name in used}
    outputs = tuple(name for name in graph.outputs if name in made)
    return Graph(f"{graph.name}_decision", tensors, own, read, outputs, states)


def predictions(graph: Graph, fed: tuple[str, ...]) -> tuple[str, ...]:
    """The network's own outputs in a graph that has stages behind it, else none. fed: its own inputs."""
    own = alone(graph)
    if not own.ops:
        return ()
    read = tuple(name for name in own.inputs if name not in fed)
    return read or tuple(name for name in graph.outputs if name not in own.outputs)


def decision_of(graph: Graph) -> Decision | None:
    """Which outputs of the graph are what; None where no stage stands behind the network."""
    own = [op for op in graph.ops if op.name.startswith(f"{DECISION}/")]
    if not own:
        return None
    deciding = [op for op in own if "nothing" in op.attrs]
    scoring = [name for op in deciding[:1] for name in op.inputs[:1]] or [
        op.outputs[0] for op in own if graph.output(op).quantization is not None
    ][-1:]
    return Decision(
        score=scoring[0] if scoring else None,
        decision=deciding[-1].outputs[0] if deciding else None,
        nothing=nothing(deciding[-1]) if deciding else None,
        level=deciding[0].attrs["level"] if deciding else None,
        counters=tuple(
            Counters(op.outputs[0], str(op.inputs[0]), op.attrs["expected"], op.attrs["below"])
            for op in own
            if "expected" in op.attrs
        ),
    )


def warm_up(graph: Graph) -> int:
    """Runs until every window is full and every filter has settled, as far as `graph` goes."""
    return sum(ops.lookup(op.kind).warm_up(graph, op) for op in graph.ops)


def scores(stream: Stream, name: str, count: int | None = None) -> Tensor:
    """The stream's last tensor, which must be `count` scores; UsageError names the block that wants them."""
    source = stream.last
    if source.dtype != "int32" or source.quantization is None or source.size != (count or source.size):
        what = "one score" if count == 1 else "scores"
        raise UsageError(
            f"block {name!r} takes {what}, not {source.dtype} {list(source.shape)}",
            'choose one by `block = "score"` with an `index`, or make one, as of a reconstruction error',
        )
    return source


def decision(stream: Stream, name: str) -> Op:
    """Who took the decision that is the stream's last tensor; UsageError where it is none."""
    maker = stream.graph.makers().get(stream.tensor)
    if maker is None or "nothing" not in maker.attrs:
        raise UsageError(
            f"block {name!r} takes a decision, and none is taken before it",
            "put a `threshold` or an `argmax` before it",
        )
    return maker


def nothing(op: Op) -> int:
    """What a decision is while nothing is there: 0 of yes and no; of classes -1, which is none of them."""
    found: int = op.attrs["nothing"]
    return found


def keeping(stream: Stream, tensor: str) -> Stream:
    """The stream, whose graph shall give out `tensor`, too."""
    return replace(stream, kept=(*stream.kept, tensor))
