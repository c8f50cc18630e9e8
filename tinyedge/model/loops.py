# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with WHILE as a file has it, gives one in which loops over rows hold the graph of a step.

Such a loop counts from 0 to a constant; it takes row after row of some tensors (GATHER), carries others from
step to step, and puts its results into the rows of others (DYNAMIC_UPDATE_SLICE). Of another loop nothing is
changed here; why it cannot be compiled is told when it is read (ops/loop.py, which says what is made here).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tinyedge.graph import Graph, Op, Tensor

MOST = 32767
"""Steps that are believed: as many as a dimension may have."""


@dataclass(frozen=True)
class _Loop:
    """A WHILE, the graphs of its condition and of a step, and which of its inputs is the counter."""

    op: Op
    condition: Graph
    body: Graph
    counter: int
    times: int


@dataclass(frozen=True)
class _Resolved:
    """The operator over rows, and what tensors that it no longer gives are: they stay as they were."""

    op: Op
    same: Mapping[str, str]


def resolve(graph: Graph, called: Callable[[int], Graph]) -> Graph:
    """The graph with loops over rows; `called` gives the subgraph of a number, which is one loop's alone."""
    ops: list[Op] = []
    same: dict[str, str] = {}
    readers = graph.readers()
    taken: set[int] = set()
    for op in graph.ops:
        found = None
        if op.kind == "while" and op.source is not None:
            numbers = [int(op.source.options[f"{part}SubgraphIndex"]) for part in ("cond", "body")]
            # A step that were several loops' would be compiled for each: a small file would become large.
            if taken.isdisjoint(numbers):
                counted = _counted(graph, op, *map(called, numbers))
                found = None if counted is None else _over_rows(graph, readers, counted)
            taken.update(numbers)
        if found is not None:
            op = found.op
            same.update({old: same.get(new, new) for old, new in found.same.items()})
        ops.append(replace(op, inputs=tuple(same.get(n or "", n) for n in op.inputs)))
    return replace(graph, ops=tuple(ops)).pruned() if taken else graph


def _counted(graph: Graph, op: Op, condition: Graph, body: Graph) -> _Loop | None:
    """The loop, if it runs a number of times that the file says."""
    makers = condition.makers()
    last = makers.get(condition.outputs[0]) if len(condition.outputs) == 1 else None
    places = {len(op.outputs), len(condition.inputs), len(body.inputs), len(body.outputs)}
    whole = None not in op.inputs and places == {len(op.inputs)}
    if not whole or last is None or last.kind != "less" or len(last.inputs) != 2:
        return None
    counter, limit = last.inputs
    times = _number(condition.tensors[limit or ""])
    if counter not in condition.inputs or times is None or not 1 <= times <= MOST:
        return None
    place = condition.inputs.index(counter)
    step = body.makers().get(body.outputs[place])
    if step is None or step.kind != "add" or body.inputs[place] not in step.inputs:
        return None
    more = [_number(body.tensors[n or ""]) for n in step.inputs if n != body.inputs[place]]
    counts = more == [1] and _number(graph.input(op, place)) == 0
    return _Loop(op, condition, body, place, times) if counts else None


def _over_rows(graph: Graph, after: Mapping[str, Sequence[Op]], found: _Loop) -> _Resolved | None:
    """The loop as one over rows, None where it is another; `after`: who reads each tensor of the graph."""
    op, body = found.op, found.body
    readers, makers = body.readers(), body.makers()
    counter = body.inputs[found.counter]
    tensors = dict(body.tensors)
    carried: list[int] = []
    blocks: list[tuple[int, str]] = []
    rows: list[tuple[int, str]] = []
    used = {makers[body.outputs[found.counter]].name}
    same: dict[str, str] = {}
    for at, (before, result) in enumerate(zip(body.inputs, body.outputs, strict=True)):
        maker = makers.get(result)
        if at == found.counter:
            continue
        if before == result:
            given = graph.input(op, at)
            if given.data is not None:
                tensors[before] = replace(tensors[before], data=given.data, shape=given.shape)
            else:
                taken = [_row(body, each, before, counter) for each in readers[before]]
                if None in taken:
                    return None
                rows += [(at, name) for name in taken if name is not None]
                used |= {each.name for each in readers[before]}
            same[op.outputs[at]] = given.name
        elif maker is not None and maker.kind == "dynamic_update_slice" and maker.inputs[0] == before:
            block = _block(body, maker, counter, found.times)
            if block is None or len(readers[before]) > 1 or readers[result]:
                return None
            blocks.append((at, block))
            used |= {maker.name, makers[maker.inputs[2] or ""].name}
        else:
            carried.append(at)
    counter_after = op.outputs[found.counter]
    left = {name for each in body.ops if each.name in used for name in each.outputs} - {n for _, n in rows}
    counts = after[counter_after] or any(
        each.name not in used for name in (counter, *left) for each in readers[name]
    )
    ends = {*same, counter_after}.intersection(graph.outputs)
    if counts or ends or not (carried or blocks) or not (rows or carried):
        return None
    inner = replace(
        body,
        name=op.name,
        tensors=tensors,
        ops=tuple(each for each in body.ops if each.name not in used),
        inputs=(*(body.inputs[at] for at in carried), *(name for _, name in rows)),
        outputs=(*(body.outputs[at] for at in carried), *(name for _, name in blocks)),
    ).pruned()
    whole = replace(
        op,
        inputs=(*(op.inputs[at] for at in carried), *(op.inputs[at] for at, _ in rows)),
        outputs=(*(op.outputs[at] for at in carried), *(op.outputs[at] for at, _ in blocks)),
        attrs={"body": inner, "times": found.times, "carried": len(carried)},
    )
    return _Resolved(whole, same)


def _row(body: Graph, op: Op, source: str, counter: str) -> str | None:
    """The row that `op` takes from `source`: the one whose turn it is, as a tensor of one row."""
    if op.kind != "gather" or op.inputs != (source, counter) or op.source is None:
        return None
    options, row = op.source.options, body.output(op)
    first = not options.get("axis") and not options.get("batchDims")
    return row.name if first and body.tensors[counter].shape == (1,) else None


def _block(body: Graph, op: Op, counter: str, times: int) -> str | None:
    """What `op` puts into the row whose turn it is, as a tensor of one row."""
    whole, block = body.output(op), body.input(op, 1)
    at = body.makers().get(op.inputs[2] or "")
    if at is None or at.kind != "concatenation" or at.inputs[:1] != (counter,) or len(at.inputs) > 2:
        return None
    zeros = [body.tensors[name or ""].data for name in at.inputs[1:]]
    starts = all(data is not None and not data.any() for data in zeros)
    fits = whole.shape == (times, *block.shape[1:]) and block.shape[:1] == (1,)
    return block.name if starts and fits else None


def _number(tensor: Tensor) -> int | None:
    """The one integer that a constant is."""
    whole = tensor.data is not None and tensor.dtype in ("int32", "int64") and tensor.size == 1
    return int(tensor.data.flat[0]) if whole and tensor.data is not None else None
