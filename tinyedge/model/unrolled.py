# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with a WHILE that computes in float, as a file has it, gives one with its steps in a row.

Recurrent layers of float files are such loops. They count from a constant by ones, carry tensors from step
to step, and put a row a step into a tensor: by DYNAMIC_UPDATE_SLICE, by SLICE and CONCATENATION around the
row, or into a list of TensorFlow's (FlexTensorList...), for which LiteRT has no kernels. The rows then are
one tensor at the end. What else a loop does leaves it as it is, and is told when it is read (ops/loop.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinyedge.graph import Graph, Op, Source, Tensor, unused
from tinyedge.model import calls
from tinyedge.passes import fold_constants, reading

LONGEST = 100
"""Steps that are written out; our own loops (looping.py), made from a Keras model, take over from there."""
Makers = Mapping[str, Op]
LIST_SET, LIST_STACK = "custom FlexTensorListSetItem", "custom FlexTensorListStack"


@dataclass(frozen=True)
class _Loop:
    """A WHILE and the graph of a step; how often that runs, by place what counts from where, and its rows.

    rows: names of the operators of a step that make what holds the rows.
    """

    op: Op
    body: Graph
    times: int
    counters: dict[int, int]
    written: dict[int, _Row]
    rows: set[str]


@dataclass(frozen=True)
class _Row:
    """What a step puts where: the body's names of the row and of its number, and the operator that joins."""

    row: str
    at: str
    join: str


def resolve(graph: Graph, called: Callable[[int], Graph]) -> Graph:
    """The graph without such loops; `called` gives the subgraph of a number."""
    for op in graph.ops:
        if op.kind == "while" and "body" not in op.attrs and op.source is not None:
            condition, body = (
                called(int(op.source.options[f"{part}SubgraphIndex"])) for part in ("cond", "body")
            )
            if reading.is_float(body):
                graph = fold_constants.run(graph)  # how often may follow from the shape of an input
                left = next((each for each in graph.ops if each.name == op.name), None)
                # What nobody needs is gone by now.
                loop = None if left is None else _understood(graph, left, condition, body)
                graph = graph if loop is None else _Unrolling(graph, loop).whole()
    return graph


def _understood(graph: Graph, op: Op, condition: Graph, body: Graph) -> _Loop | None:
    """The loop, if all that it does is known."""
    places = {len(op.outputs), len(condition.inputs), len(body.inputs), len(body.outputs)}
    if places != {len(op.inputs)} or None in op.inputs:
        return None
    makers = body.makers()
    counters = {}
    for at, (before, after) in enumerate(zip(body.inputs, body.outputs, strict=True)):
        step, start = makers.get(after), _number(graph.input(op, at))
        if step is None or step.kind != "add" or before not in step.inputs or start is None:
            continue
        if [_number(body.tensors[name or ""]) for name in step.inputs if name != before] == [1]:
            counters[at] = start
    limits = _limits(graph, op, condition, body)
    if not limits or not counters.keys() >= limits.keys():
        return None
    times = min(limit - counters[at] for at, limit in limits.items())
    written = {at: row for at in range(len(body.inputs)) if (row := _written(body, makers, at)) is not None}
    # Nothing else may depend on what holds the rows.
    rows = _of_rows(body, written)
    rest = [each for each in body.ops if each.name not in rows]
    held = {body.inputs[at] for at in written}
    reads = held.isdisjoint(name or "" for each in rest for name in each.inputs)
    few = 1 <= times <= LONGEST and len(graph.ops) + times * len(body.ops) <= calls.MOST
    return _Loop(op, body, times, counters, written, rows) if few and reads else None


def _limits(graph: Graph, op: Op, condition: Graph, body: Graph) -> dict[int, int]:
    """By place the number that a counter stays below; empty where the condition is another one."""
    makers, found = condition.makers(), dict[int, int]()
    waiting = list(condition.outputs)
    while waiting:
        test = makers.get(waiting.pop())
        if test is not None and test.kind == "logical_and":
            waiting += [name for name in test.inputs if name is not None]
            continue
        if test is None or test.kind != "less" or test.inputs[0] not in condition.inputs:
            return {}
        limit = condition.input(test, 1)
        if limit.name in condition.inputs:
            at = condition.inputs.index(limit.name)
            limit = graph.input(op, at) if body.inputs[at] == body.outputs[at] else limit
        number, place = _number(limit), condition.inputs.index(test.inputs[0])
        if number is None:
            return {}
        found[place] = min(number, found.get(place, number))
    return found


def _written(body: Graph, makers: Makers, at: int) -> _Row | None:
    """What a step puts into its input `at`, if it is rows that it gives there."""
    before = body.inputs[at]
    last = makers.get(body.outputs[at])
    if last is not None and last.kind == "cast":  # of a type to itself, as converters leave it behind
        last = makers.get(last.inputs[0] or "")
    if last is None:
        return None
    if last.kind == LIST_SET and last.inputs[0] == before and len(last.inputs) == 3:
        return _Row(last.inputs[2] or "", last.inputs[1] or "", "PACK")
    if last.kind == "dynamic_update_slice" and last.inputs[0] == before:
        place = _first(body, makers, last.inputs[2], 0)
    elif last.kind == "concatenation" and len(last.inputs) == 3:
        place = _between(body, makers, before, *(makers.get(last.inputs[i] or "") for i in (0, 2)))
    else:
        return None
    return None if place is None else _Row(last.inputs[1] or "", place, "CONCATENATION")


def _between(body: Graph, makers: Makers, before: str, ahead: Op | None, behind: Op | None) -> str | None:
    """The number of the row that stands between what two SLICEs keep of `before`."""
    if ahead is None or behind is None or (ahead.kind, behind.kind) != ("slice", "slice"):
        return None
    place, following = (_first(body, makers, ahead.inputs[2], -1), _first(body, makers, behind.inputs[1], 0))
    starts, ends = body.input(ahead, 1).data, body.input(behind, 2).data
    whole = starts is not None and not starts.any() and ends is not None and bool((ends == -1).all())
    step = makers.get(following or "")
    next_one = step is not None and step.kind == "add" and place in step.inputs
    ones = [] if step is None else [_number(body.tensors[n or ""]) for n in step.inputs if n != place]
    same = ahead.inputs[0] == behind.inputs[0] == before
    return place if whole and next_one and ones == [1] and same else None


def _first(body: Graph, makers: Makers, name: str | None, rest: int) -> str | None:
    """Of a place or an extent, which joins a number and `rest` for what is in a row, that number."""
    join = makers.get(name or "")
    if join is None or join.kind != "concatenation" or len(join.inputs) != 2:
        return None
    others = body.input(join, 1).data
    flat = makers.get(join.inputs[0] or "")
    number = flat.inputs[0] if flat is not None and flat.kind == "reshape" else join.inputs[0]
    return number if others is not None and bool((others == rest).all()) else None


def _of_rows(body: Graph, written: Iterable[int]) -> set[str]:
    """Names of the operators that make what holds the rows out of what held them."""
    tainted, found = {body.inputs[at] for at in written}, set()
    for op in body.ops:
        if not tainted.isdisjoint(name or "" for name in op.inputs):
            tainted.update(op.outputs)
            found.add(op.name)
    return found


class _Unrolling:
    """Puts the steps of a loop into a graph. `now`: by the body's inputs what they are in this step."""

    def __init__(self, graph: Graph, loop: _Loop) -> None:
        self._graph, self._loop = graph, loop
        self._tensors = dict(graph.tensors)
        self._ops: list[Op] = []
        self._now = [name or "" for name in loop.op.inputs]
        self._rows: dict[int, dict[int, str]] = {at: {} for at in loop.written}

    def whole(self) -> Graph:
        """The graph without the loop; as it was where rows are missing at its end."""
        loop, graph = self._loop, self._graph
        for step in range(loop.times):
            for at, start in loop.counters.items():
                self._now[at] = self._count(at, start + step)
            self._step(step)
        for at, start in loop.counters.items():
            self._now[at] = self._count(at, start + loop.times)
        if any(sorted(rows) != list(range(len(rows))) for rows in self._rows.values()):
            return graph
        same = dict(zip(loop.op.outputs, self._now, strict=True))
        stacks = {loop.op.outputs[at]: at for at in loop.written}
        before = [each for each in graph.ops if each.name != loop.op.name]
        place = graph.ops.index(loop.op)
        for at in loop.written:
            if loop.written[at].join == "CONCATENATION":
                target = self._graph.output(loop.op, at)
                if len(self._rows[at]) != graph.input(loop.op, at).shape[0]:
                    return graph
                self._join(at, target.name)
                same[target.name] = target.name
        ops = list(self._ops)
        self._ops = []
        for op in before[place:]:
            if op.kind == LIST_STACK and op.inputs[0] in stacks:
                count = len(self._rows[stacks[op.inputs[0] or ""]])
                if graph.output(op).shape[:1] not in ((-1,), (count,)):
                    return graph
                self._join(stacks[op.inputs[0] or ""], op.outputs[0])
            else:
                self._ops.append(replace(op, inputs=tuple(same.get(n or "", n) for n in op.inputs)))
        outputs = tuple(same.get(name, name) for name in graph.outputs)
        every = (*before[:place], *ops, *self._ops)
        return replace(graph, tensors=self._tensors, ops=every, outputs=outputs).pruned()

    def _step(self, number: int) -> None:
        """Add the operators of a step, and go on from what it gives."""
        loop, body = self._loop, self._loop.body
        names: dict[str, str] = dict(zip(body.inputs, self._now, strict=True))
        for op in body.ops:
            if op.name in loop.rows:
                continue
            for name in (*op.inputs, *op.outputs):
                if name is not None and name not in names:
                    names[name] = self._new(body.tensors[name], number)
            inputs = tuple(None if name is None else names[name] for name in op.inputs)
            outputs = tuple(names[name] for name in op.outputs)
            label = f"{loop.op.name}/step{number}/{op.name}"
            self._ops.append(replace(op, name=label, inputs=inputs, outputs=outputs))
        for at, row in loop.written.items():
            index = _number(self._tensors[names[row.at]] if row.at in names else body.tensors[row.at])
            self._rows[at][-1 if index is None else index] = names[row.row]
        self._now = [
            held if at in loop.written else names[after]
            for at, (held, after) in enumerate(zip(self._now, body.outputs, strict=True))
        ]

    def _new(self, tensor: Tensor, number: int) -> str:
        """A tensor of the body as one of this step; constants are the same in all."""
        step = "" if tensor.data is not None else f"step{number}/"
        name = f"{self._loop.op.name}/{step}{tensor.name}"
        if tensor.data is None or name not in self._tensors:
            name = unused(name, self._tensors)
            self._tensors[name] = replace(tensor, name=name, index=None)
        return name

    def _count(self, at: int, number: int) -> str:
        like = self._graph.input(self._loop.op, at)
        name = unused(f"{self._loop.op.name}/count{number}", self._tensors)
        data = np.full(like.shape, number, like.dtype)
        self._tensors[name] = Tensor(name, like.shape, like.dtype, None, data)
        return name

    def _join(self, at: int, target: str) -> None:
        """Add the operator that makes one tensor of all rows of a place."""
        builtin, rows = self._loop.written[at].join, self._rows[at]
        inputs = tuple(rows[i] for i in sorted(rows))
        count = {"valuesCount": len(rows)} if builtin == "PACK" else {"fusedActivationFunction": 0}
        kind = "PackOptions" if builtin == "PACK" else "ConcatenationOptions"
        source = Source(builtin, 1, kind, {"axis": 0, **count})
        shape = self._tensors[target].shape
        self._tensors[target] = replace(self._tensors[target], shape=(len(rows), *shape[1:]))
        self._ops.append(Op(builtin.lower(), f"{target}/rows", inputs, (target,), source=source))


def _number(tensor: Tensor) -> int | None:
    """The one integer that a constant is."""
    whole = tensor.data is not None and tensor.dtype in ("int32", "int64") and tensor.size == 1
    return int(tensor.data.flat[0]) if whole and tensor.data is not None else None
