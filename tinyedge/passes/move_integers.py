# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph in which operators move floats, gives one in which they move integers; no number changes.

A converter that does not know how to quantise a RESHAPE or a CONCATENATION leaves it in float between
DEQUANTIZE and QUANTIZE. What only moves numbers gives the same before either as behind it: an operator that
gives numbers of one scale goes behind a QUANTIZE for each input, one that takes such before the DEQUANTIZE.
What is then left between DEQUANTIZE and QUANTIZE is elementwise: nothing where both have one scale, else
make_tables.py makes a table of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Graph, Op, Quantization, Source, Tensor, unused
from tinyedge.oracle.kernels import Kernels, Refused
from tinyedge.passes import fold_constants

_KINDS = """
batch_to_space_nd broadcast_to concatenation depth_to_space dynamic_update_slice expand_dims gather gather_nd
mirror_pad pack pad padv2 reshape resize_nearest_neighbor reverse_v2 slice space_to_batch_nd space_to_depth
split split_v squeeze strided_slice tile transpose unpack
"""
MOVING = frozenset(_KINDS.split())
"""Operators whose every output element is one of the input elements, or the 0 that is put around them."""
STORED = ("int8", "uint8", "int16")
ROUND = Source("QUANTIZE", 1, "QuantizeOptions", {})
RESTORE = Source("DEQUANTIZE", 1, "DequantizeOptions", {})


def run(graph: Graph) -> Graph:
    """Every such operator that can; the others still move floats."""
    return _without_detours(_restored_behind(_rounded_before(graph)))


def _rounded_before(graph: Graph) -> Graph:
    """Operators go behind the QUANTIZE, from the last to the first, so that each meets that of the next."""
    tensors = dict(graph.tensors)
    ops: list[Op] = []
    taken = {op.name for op in graph.ops}
    readers = {name: list(found) for name, found in graph.readers().items()}
    same: dict[str | None, str] = {}
    gone: set[str] = set()
    for op in reversed(graph.ops):
        ends = _ends(graph, op, tensors, readers)
        if not ends:
            ops.append(op)
            continue
        kept = tensors[ends[0].outputs[0]]
        gone |= {end.name for end in ends}
        same |= {end.outputs[0]: kept.name for end in ends[1:]}
        added: dict[str | None, Op] = {}
        for name in _floats(graph, op):
            rounded = _as(tensors[name], kept, unused(f"{op.name}/{name}", tensors))
            tensors[rounded.name] = rounded
            added[name] = _step("quantize", name, rounded.name, taken, ROUND)
            readers[name] = [*(reader for reader in readers[name] if reader.name != op.name), added[name]]
        inputs = tuple(added[name].outputs[0] if name in added else name for name in op.inputs)
        ops += [replace(op, inputs=inputs, outputs=(kept.name,)), *added.values()]
    ordered = [op for op in reversed(ops) if op.name not in gone]
    ordered = [replace(op, inputs=tuple(same.get(name, name) for name in op.inputs)) for op in ordered]
    moved = replace(graph, tensors=tensors, ops=tuple(ordered)).pruned()
    return fold_constants.run(moved) if gone else graph


def _restored_behind(graph: Graph) -> Graph:
    """Operators go before the DEQUANTIZE, from the first to the last."""
    tensors = dict(graph.tensors)
    ops: list[Op] = []
    taken = {op.name for op in graph.ops}
    stored: dict[str | None, str] = {}  # by the float that a DEQUANTIZE makes: what of
    for op in graph.ops:
        if op.kind == "dequantize" and _whole(graph.input(op, 0)):
            stored[op.outputs[0]] = graph.input(op, 0).name
        sources = [tensors[stored[name]] if name in stored else None for name in _floats(graph, op)]
        source = sources[0] if sources else None
        made = [name for name in op.outputs if tensors[name].dtype == "float32"]
        if source is None or not made or not _moves(op) or any(not _alike(source, s) for s in sources):
            ops.append(op)
            continue
        for name in made:
            integer = _as(tensors[name], source, unused(f"{name}/{source.dtype}", tensors))
            tensors[integer.name], stored[name] = integer, integer.name
        inputs = tuple(stored.get(name, name) for name in op.inputs)
        ops.append(replace(op, inputs=inputs, outputs=tuple(stored.get(n, n) for n in op.outputs)))
        ops += [_step("dequantize", stored[name], name, taken, RESTORE) for name in made]
    return replace(graph, tensors=tensors, ops=tuple(ops)).pruned() if len(ops) > len(graph.ops) else graph


def _without_detours(graph: Graph) -> Graph:
    """Who reads what a QUANTIZE makes of a DEQUANTIZE, both of one scale, reads what the latter does.

    An output of the model is made by a QUANTIZE of that, which is a copy.
    """
    makers = graph.makers()
    same: dict[str | None, str] = {}
    whole: dict[str, Op] = {}
    known: dict[tuple[str, Quantization | None], bool] = {}
    with Kernels() as kernels:
        for op in graph.ops:
            maker = makers.get(op.inputs[0] or "") if op.kind == "quantize" else None
            if maker is None or maker.kind != "dequantize":
                continue
            source, target = graph.input(maker, 0), graph.output(op)
            if not _whole(source) or not _alike(source, target):
                continue
            scale = source.dtype, source.quantization
            if scale not in known:
                known[scale] = _comes_back(kernels, source)
            if known[scale] and target.name in graph.outputs:
                whole[op.name] = replace(op, inputs=(source.name,))
            elif known[scale]:
                same[target.name] = same.get(source.name, source.name)
    if not same and not whole:
        return graph
    ops = [whole.get(op.name, op) for op in graph.ops]
    ops = [replace(op, inputs=tuple(same.get(name, name) for name in op.inputs)) for op in ops]
    return replace(graph, ops=tuple(ops)).pruned()


def _comes_back(kernels: Kernels, source: Tensor) -> bool:
    """Is every number itself again behind DEQUANTIZE and QUANTIZE? Not at scales beyond floats."""
    low, high = LIMITS[source.dtype]
    every = np.arange(low, high + 1, dtype=source.dtype)[np.newaxis]
    stored = Tensor("stored", every.shape, source.dtype, source.quantization)
    real, again = Tensor("real", every.shape, "float32"), replace(stored, name="again")
    steps = (
        Op("dequantize", "restore", ("stored",), ("real",), {}, RESTORE),
        Op("quantize", "round", ("real",), ("again",), {}, ROUND),
    )
    alone = Graph("alone", {t.name: t for t in (stored, real, again)}, steps, ("stored",), ("again",))
    try:
        return np.array_equal(kernels.run(alone, {"stored": every})["again"], every)
    except Refused:
        return False


def _moves(op: Op) -> bool:
    plain = op.source is not None and not op.source.options.get("fusedActivationFunction", 0)
    return plain and op.kind in MOVING


def _floats(graph: Graph, op: Op) -> tuple[str, ...]:
    """The float inputs, once each."""
    names = dict.fromkeys(name for name in op.inputs if name is not None)
    return tuple(name for name in names if graph.tensors[name].dtype == "float32")


def _ends(
    graph: Graph, op: Op, tensors: Mapping[str, Tensor], readers: Mapping[str, Sequence[Op]]
) -> Sequence[Op]:
    """The QUANTIZEs, all alike, that alone read the float output of a moving operator; () if they are not.

    One that makes an output of the model is the first.
    """
    if not _moves(op) or len(op.outputs) != 1 or op.outputs[0] in graph.outputs:
        return ()
    computed = any(tensors[name].data is None for name in _floats(graph, op))
    ends = sorted(readers[op.outputs[0]], key=lambda end: not set(end.outputs) & set(graph.outputs))
    if not computed or any(end.kind != "quantize" for end in ends):
        return ()
    made = [tensors[end.outputs[0]] for end in ends]
    whole = all(_whole(each) and _alike(each, made[0]) for each in made)
    return ends if whole and sum(each.name in graph.outputs for each in made) <= 1 else ()


def _step(kind: str, source: str, target: str, taken: set[str], how: Source) -> Op:
    name = unused(target, taken)
    taken.add(name)
    return Op(kind, name, (source,), (target,), {}, how)


def _as(real: Tensor, like: Tensor, name: str) -> Tensor:
    """An integer tensor of the float one's shape, which the file does not have."""
    return Tensor(name, real.shape, like.dtype, like.quantization)


def _whole(tensor: Tensor) -> bool:
    """Does it have one scale?"""
    quantization = tensor.quantization
    return tensor.dtype in STORED and quantization is not None and len(quantization.scale) == 1


def _alike(one: Tensor, other: Tensor | None) -> bool:
    return other is not None and (one.dtype, one.quantization) == (other.dtype, other.quantization)
