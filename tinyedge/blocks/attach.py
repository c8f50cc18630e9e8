# SPDX-License-Identifier: Apache-2.0
"""Takes a model's Graph and the stages before it, gives one Graph: samples in, the model's outputs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinyedge import blocks
from tinyedge.blocks import Stream, normalize
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor, verify
from tinyedge.project import Input, Stage

SAMPLES = "samples"
"""The graph's input: int16 [1, hop, channels], one run's rows of raw samples."""


def attach(graph: Graph, signal: Input, stages: Sequence[Stage]) -> Graph:
    """`graph` with `stages` in front of its only input; without any, `graph` itself.

    One run takes `signal.hop` rows. What the last stage gives becomes the model's input, value by value; a
    stage `normalize` at the end, which is added where there is none, brings it to the model's integers.
    Raises UsageError where a stage does not fit the one before it, or the last one the model.
    """
    if not stages:
        return graph
    stream = _front(graph, signal, stages)
    source, (name,) = stream.last, graph.inputs
    wanted = graph.tensors[name]
    if source.size != wanted.size:
        raise UsageError(
            f"the stages before the model give {list(source.shape)}, its input is {list(wanted.shape)}",
            "choose the rows of the window, or the features, that the model was trained with",
        )
    view = Op("reshape", f"{SAMPLES}/model", (source.name,), (name,), {"shape": wanted.shape})
    made = replace(
        graph,
        tensors={**stream.graph.tensors, **graph.tensors},
        ops=(*stream.graph.ops, view, *graph.ops),
        inputs=stream.graph.inputs,
        states={**stream.graph.states, **graph.states},
    )
    verify(made)
    return made


def _front(graph: Graph, signal: Input, stages: Sequence[Stage]) -> Stream:
    if signal.channels is None or signal.lsb is None or signal.hop is None:
        missing = [key for key in ("channels", "lsb", "hop") if getattr(signal, key) is None]
        raise UsageError(
            f"signal processing needs {', '.join(missing)} under [input]",
            "say which channels there are, what a step of the sensor is worth, how many rows a run takes",
        )
    if len(graph.inputs) != 1:
        raise UsageError(
            f"the model has {len(graph.inputs)} inputs, and stages before it feed one", "give it one input"
        )
    target = graph.tensors[graph.inputs[0]]
    if target.quantization is None or target.dtype not in ("int8", "int16"):
        raise UsageError(f"the model's input is {target.dtype}", "quantise it to int8 or int16x8")
    shape = (1, signal.hop, len(signal.channels))
    samples = Tensor(SAMPLES, shape, "int16", Quantization((signal.lsb,), (0,)))
    stream = Stream(
        Graph(graph.name, {SAMPLES: samples}, (), (SAMPLES,), (SAMPLES,)), SAMPLES, signal.rate_hz
    )
    for at, stage in enumerate(_ending(stages)):
        block = blocks.lookup(stage.block)
        given = blocks.parse(stage.block, stage.model_extra or {})
        if isinstance(given, normalize.Normalize) and at >= len(stages) - 1:
            # The model's input decides in which integers the last one speaks.
            given = given.model_copy(
                update={"dtype": target.dtype, "scale": target.scale, "zero_point": target.zero_point}
            )
        stream = block.append(stream, given, f"{SAMPLES}/{at + 1}_{stage.block}")
    return stream


def _ending(stages: Sequence[Stage]) -> Sequence[Stage]:
    """The stages, the last of which speaks in the model's integers."""
    return stages if stages[-1].block == "normalize" else (*stages, Stage(block="normalize"))
