# SPDX-License-Identifier: Apache-2.0
"""Takes a TFLite model with holes, and models of the steps that fill them, gives one with loops (WHILE).

What goes into a hole is among the last outputs of the network, what comes out of it among its last inputs.
The loop takes a row at a time (GATHER), runs the step, and puts what it gives into the rows of a result
(DYNAMIC_UPDATE_SLICE): operators that LiteRT has, so that it judges the whole; model/loops.py reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tinyedge.model.keras import pieces
from tinyedge.oracle import flatbuffer, model_file

SEQUENCE = -1
"""In Hole.results: what a step gives, of all steps; other numbers mean that state behind the last step."""

FROM_NETWORK = -1
"""In Hole.first: an output of the network."""


@dataclass(frozen=True)
class Hole:
    """Where a layer that is a loop, called `name`, stands in a network; it runs `times`.

    first: of each state where its first value comes from: FROM_NETWORK, behind the rows; or a number among
    the results of all holes; none begin as zeros. results: what goes back to the network.
    """

    name: str
    times: int
    first: tuple[int, ...]
    results: tuple[int, ...]

    @property
    def given(self) -> int:
        """How many tensors go into it from the network."""
        return 1 + self.first.count(FROM_NETWORK)


def join(network: bytes, steps: Sequence[bytes], holes: Sequence[Hole]) -> bytes:
    """One model; a step gives the states behind it, the first of which is what it gives for its row."""
    model = flatbuffer.unpack(network)
    graph = model.subgraphs[0]
    ins, outs = sum(hole.given for hole in holes), sum(len(hole.results) for hole in holes)
    inputs, outputs = [int(i) for i in graph.inputs], [int(i) for i in graph.outputs]
    given, back = outputs[len(outputs) - ins :], inputs[len(inputs) - outs :]
    graph.inputs, graph.outputs = inputs[: len(inputs) - outs], outputs[: len(outputs) - ins]
    model.signatureDefs = []  # these name the inputs and outputs that were
    graph.operators = list(graph.operators)
    made: list[int] = []
    for step, hole in zip(steps, holes, strict=True):
        body = _imported(model, flatbuffer.unpack(step))
        mine, given = given[: hole.given], given[hole.given :]
        wanted, back = back[: len(hole.results)], back[len(hole.results) :]
        made += _fill(model, graph, body, hole, mine, made)
        for source, target in zip(made[-len(wanted) :], wanted, strict=True):
            _give(model, graph, source, target)
    graph.operators = _sorted(graph)
    return model_file.finished(model)


def _imported(model: Any, other: Any) -> Any:
    """The graph of another model as one of this model's, not yet among its graphs."""
    graph = other.subgraphs[0]
    buffers, codes = len(model.buffers), len(model.operatorCodes)
    model.buffers += other.buffers
    model.operatorCodes += other.operatorCodes
    for tensor in graph.tensors:
        tensor.buffer += buffers
    for operator in graph.operators:
        operator.opcodeIndex += codes
    graph.operators = list(graph.operators)
    return graph


def _fill(model: Any, graph: Any, body: Any, hole: Hole, given: list[int], before_it: list[int]) -> list[int]:
    """Add a loop of `body` behind the tensors `given`; its results. before_it: those of earlier holes."""
    label = hole.name.encode()
    row, *before = (body.tensors[int(i)] for i in body.inputs)
    made = body.tensors[int(body.outputs[0])]
    # Carried in its own scale, since a step's first operators are told that of the state before.
    rows = pieces.rescaled(model, graph, given[0], row, graph.operators)
    network = iter(given[1:])
    begin = [next(network) if n == FROM_NETWORK else before_it[n] for n in hole.first]
    first = [
        pieces.rescaled(model, graph, begin[i], state, graph.operators)
        if begin
        else pieces.zeros(model, graph, label + b"/first_%d" % i, state)
        for i, state in enumerate(before)
    ]
    start = pieces.constant(model, graph, label + b"/start", np.zeros(1, np.int32))
    last = [pieces.tensor(graph, label + b"/last_%d" % i, state) for i, state in enumerate(before)]
    ends = [
        pieces.tensor(graph, label, graph.tensors[start]),
        pieces.tensor(graph, label + b"/rows", graph.tensors[rows]),
    ]
    into, results = [start, rows, *first], [*ends, *last]
    if SEQUENCE in hole.results:
        shape = [hole.times, *made.shape[1:]]
        into.append(pieces.zeros(model, graph, label + b"/empty", made, shape))
        results.append(pieces.tensor(graph, label + b"/steps", made, shape))
    first_graph = len(model.subgraphs)
    options = schema.WhileOptionsT(condSubgraphIndex=first_graph, bodySubgraphIndex=first_graph + 1)
    loop = pieces.operator(model, "WHILE", into, results, options)
    graph.operators.append(loop)
    model.subgraphs += [_condition(model, graph, loop, hole), _step(model, graph, body, loop, hole)]
    return [results[-1] if wanted == SEQUENCE else last[wanted] for wanted in hole.results]


def _give(model: Any, graph: Any, source: int, target: int) -> None:
    """Make `target`, which was an input, what `source` is: a step's rows get the shape of a sequence."""
    like = graph.tensors[target]
    if all(target not in [int(i) for i in operator.inputs] for operator in graph.operators):
        like = graph.tensors[source]  # a quantizer leaves in float what no operator reads
        graph.tensors[target].type, graph.tensors[target].quantization = like.type, like.quantization
    source = pieces.rescaled(model, graph, source, graph.tensors[target], graph.operators)
    shape = np.array(graph.tensors[target].shape, np.int32)
    wanted = pieces.constant(model, graph, like.name + b"/shape", shape)
    options = schema.ReshapeOptionsT(newShape=[int(n) for n in shape])
    graph.operators.append(pieces.operator(model, "RESHAPE", [source, wanted], [target], options))


def _beginning(graph: Any, loop: Any, name: bytes) -> Any:
    """A graph that takes what the loop carries."""
    inner = schema.SubGraphT(name=name, tensors=[], inputs=[], outputs=[], operators=[])
    for number in loop.inputs:
        like = graph.tensors[number]
        inner.inputs.append(pieces.tensor(inner, like.name + b"/" + name, like))
    return inner


def _condition(model: Any, graph: Any, loop: Any, hole: Hole) -> Any:
    inner = _beginning(graph, loop, hole.name.encode() + b"/goes_on")
    times = pieces.constant(model, inner, b"times", np.array([hole.times], np.int32))
    going = schema.TensorT(name=b"going", shape=[1], type=schema.TensorType.BOOL, hasRank=True)
    inner.tensors.append(going)
    inner.outputs = [len(inner.tensors) - 1]
    inner.operators.append(
        pieces.operator(model, "LESS", [inner.inputs[0], times], inner.outputs, schema.LessOptionsT())
    )
    return inner


def _step(model: Any, graph: Any, body: Any, loop: Any, hole: Hole) -> Any:
    """The body of the loop: a step's own graph, with a counter, and rows taken and put."""
    name = hole.name.encode() + b"/step"
    (row, *states), after = ([int(i) for i in numbers] for numbers in (body.inputs, body.outputs))
    like = [graph.tensors[number] for number in loop.inputs]
    counter = pieces.tensor(body, name + b"/counter", like[0])
    rows = pieces.tensor(body, name + b"/rows", like[1])
    one = pieces.constant(model, body, name + b"/one", np.ones(1, np.int32))
    following = pieces.tensor(body, name + b"/following", like[0])
    take = pieces.operator(model, "GATHER", [rows, counter], [row], schema.GatherOptionsT(axis=0), 2)
    body.operators.insert(0, take)
    carried = [
        pieces.rescaled(model, body, new, body.tensors[old], body.operators)
        for new, old in zip(after, states, strict=True)
    ]
    count = pieces.operator(model, "ADD", [counter, one], [following], schema.AddOptionsT())
    body.operators.append(count)
    body.inputs, body.outputs = [counter, rows, *states], [following, rows, *carried]
    if SEQUENCE in hole.results:
        before, changed = _put(model, body, like[-1], counter, after[0])
        body.inputs.append(before)
        body.outputs.append(changed)
    body.name = name
    return body


def _put(model: Any, body: Any, like: Any, counter: int, row: int) -> tuple[int, int]:
    """The tensor `like` before and after `row` is put into the row whose turn it is."""
    name, rank = like.name, len(like.shape)
    before, after = (pieces.tensor(body, name + end, like) for end in (b"/before", b"/after"))
    zeros = pieces.constant(model, body, name + b"/zeros", np.zeros(rank - 1, np.int32))
    place = pieces.tensor(body, name + b"/place", body.tensors[counter], [rank])
    join = schema.ConcatenationOptionsT(axis=0)
    body.operators += [
        pieces.operator(model, "CONCATENATION", [counter, zeros], [place], join),
        pieces.operator(
            model,
            "DYNAMIC_UPDATE_SLICE",
            [before, row, place],
            [after],
            schema.DynamicUpdateSliceOptionsT(),
            2,
        ),
    ]
    return before, after


def _sorted(graph: Any) -> list[Any]:
    """The operators, each behind those whose results it reads, otherwise as they stand."""
    made = {int(i) for operator in graph.operators for i in operator.outputs}
    found: list[Any] = []
    waiting = list(graph.operators)
    while waiting:
        ready = next(one for one in waiting if not made & {int(i) for i in one.inputs})
        waiting = [one for one in waiting if one is not ready]
        made -= {int(i) for i in ready.outputs}
        found.append(ready)
    return found
