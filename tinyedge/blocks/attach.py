# SPDX-License-Identifier: Apache-2.0
"""Takes a model's Graph and the stages before it, gives one Graph: samples in, the model's outputs out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyedge import blocks
from tinyedge.blocks import Parameters, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor, verify
from tinyedge.project import Input, Stage

SAMPLES = "samples"
"""The graph's input: int16 [1, hop, channels], one run's rows of raw samples."""
FED = f"{SAMPLES}/model"
"""The operator that gives the last stage's values to the model."""


@dataclass(frozen=True)
class Front:
    """What stands before a model: the sensor, and the stages that its samples pass, in order."""

    signal: Input
    stages: tuple[Stage, ...]


def attach(graph: Graph, front: Front | None) -> Graph:
    """`graph` with the stages of `front` before its only input; without any, `graph` itself.

    One run takes `signal.hop` rows. What the last stage gives becomes the model's input, value by value; a
    stage `normalize` at the end, which is added where it is needed, brings it to the model's integers.
    Raises UsageError where a stage does not fit the one before it, or the last one the model.
    """
    if front is None or not front.stages:
        return graph
    if len(graph.inputs) != 1:
        raise UsageError(
            f"the model has {len(graph.inputs)} inputs, and stages before it feed one", "give it one input"
        )
    (name,) = graph.inputs
    before = alone(front, graph.name, graph.tensors[name])
    made = replace(
        graph,
        tensors={**before.tensors, **graph.tensors},
        ops=(*before.ops, *graph.ops),
        inputs=before.inputs,
        states={**before.states, **graph.states},
    )
    verify(made)
    return made


def alone(front: Front, name: str, model_input: Tensor | None = None) -> Graph:
    """The stages as a graph called `name`: samples in, what the last stage gives out.

    With `model_input` the output is that tensor, in its integers.
    """
    stages, stream = front.stages, _samples(front.signal, name)
    for number, stage in enumerate(stages, 1):
        last = model_input if number == len(stages) and stage.block == "normalize" else None
        stream = _append(stream, stage, number, last)
    if model_input is None:
        return replace(stream.graph, outputs=(stream.tensor,))
    normalized = bool(stages) and stages[-1].block == "normalize"
    if not normalized and not _same_integers(stream.last, model_input):
        stream = _append(stream, Stage(block="normalize"), len(stages) + 1, model_input)
    graph = stream.graph
    if stream.last.size != model_input.size:
        raise UsageError(
            f"the stages before the model give {list(stream.last.shape)}, its input is"
            f" {list(model_input.shape)}",
            "choose the rows of the window, or the features, that the model was trained with",
        )
    view = Op(
        "reshape",
        FED,
        (stream.tensor,),
        (model_input.name,),
        {"shape": model_input.shape},
    )
    tensors = {**graph.tensors, model_input.name: model_input}
    return replace(graph, tensors=tensors, ops=(*graph.ops, view), outputs=(model_input.name,))


def _append(stream: Stream, stage: Stage, number: int, target: Tensor | None) -> Stream:
    """The stream with a stage behind it; with `target`, a `normalize` that speaks in its integers."""
    given = blocks.parse(stage.block, stage.model_extra or {})
    if target is not None:
        given = _in_integers_of(target, given)
    return blocks.append(stream, stage.block, given, f"{SAMPLES}/{number}_{stage.block}")


def features(graph: Graph) -> tuple[str, ...]:
    """The model's inputs in a graph that has stages before it, else none."""
    return tuple(name for op in graph.ops if op.name == FED for name in op.outputs)


def _samples(signal: Input, name: str) -> Stream:
    """A graph that only has an input."""
    if signal.channels is None or signal.lsb is None or signal.hop is None:
        missing = [key for key in ("channels", "lsb", "hop") if getattr(signal, key) is None]
        raise UsageError(
            f"signal processing needs {', '.join(missing)} under [input]",
            "say which channels there are, what a step of the sensor is worth, how many rows a run takes",
        )
    shape = (1, signal.hop, len(signal.channels))
    samples = Tensor(SAMPLES, shape, "int16", Quantization((signal.lsb,), (0,)))
    graph = Graph(name, {SAMPLES: samples}, (), (SAMPLES,), (SAMPLES,))
    runs_hz = None if signal.rate_hz is None else signal.rate_hz / signal.hop
    return Stream(graph, SAMPLES, signal.rate_hz, runs_hz)


def _same_integers(one: Tensor, other: Tensor) -> bool:
    """Whether the integers of both mean the same, where scales are float32's."""
    if one.dtype != other.dtype or one.quantization is None or other.quantization is None:
        return False
    (a, zero), (b, other_zero) = (
        (set(map(np.float32, each.scale)), set(each.zero_point))
        for each in (one.quantization, other.quantization)
    )
    return a == b and zero == other_zero


def _in_integers_of(target: Tensor, given: Parameters) -> Parameters:
    """The parameters of a last `normalize`, which speaks in the model's integers."""
    if target.quantization is None or target.dtype not in ("int8", "int16"):
        raise UsageError(f"the model's input is {target.dtype}", "quantise it to int8 or int16x8")
    integers = {"dtype": target.dtype, "scale": target.scale, "zero_point": target.zero_point}
    return given.model_copy(update=integers)
