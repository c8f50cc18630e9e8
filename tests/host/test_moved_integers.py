# SPDX-License-Identifier: Apache-2.0
"""Operators that move floats between DEQUANTIZE and QUANTIZE move integers instead, with LiteRT's bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.model_runner import Job
from tests.single_op import Node
from tinyedge import ops, passes
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Case
from tinyedge.oracle import Oracle
from tinyedge.passes.move_integers import MOVING

PER_KIND = 4


@dataclass
class Piece:
    """Operators in float; inputs by name with their limits."""

    tensors: list[Tensor] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    limits: dict[str, tuple[int, int]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    def real(self, name: str, shape: tuple[int, ...], dtype: str, scale: Quantization) -> str:
        """An input of the model as float."""
        stored = f"{name}/stored"
        self.tensors += [Tensor(stored, shape, dtype, scale), Tensor(name, shape, "float32")]
        self.nodes.append(Node("DEQUANTIZE", (stored,), (name,), {}))
        self.limits[stored] = LIMITS[dtype]
        return name

    def node(
        self, operator: str, inputs: Sequence[str | None], shape: tuple[int, ...], **options: Any
    ) -> str:
        """An operator with one float output."""
        name = f"{operator.lower()}{len(self.tensors)}"
        self.tensors.append(Tensor(name, shape, "float32"))
        self.nodes.append(Node(operator, tuple(inputs), (name,), options))
        return name

    def rounded(self, name: str, shape: tuple[int, ...], dtype: str, scale: Quantization) -> None:
        """A float as output of the model."""
        made = f"{name}/rounded{len(self.outputs)}"
        self.tensors.append(Tensor(made, shape, dtype, scale))
        self.nodes.append(Node("QUANTIZE", (name,), (made,), {}))
        self.outputs.append(made)


def together(*pieces: Piece) -> bytes:
    """All of them side by side in one model."""
    tensors = [tensor for piece in pieces for tensor in piece.tensors]
    nodes = [node for piece in pieces for node in piece.nodes]
    inputs = [name for piece in pieces for name in piece.limits]
    return single_op.pack(tensors, nodes, inputs, [name for piece in pieces for name in piece.outputs])


def cases(dtype: str) -> list[Case]:
    """Some of each such operator that move computed numbers of one type."""
    found = []
    for kind in sorted(MOVING):
        own = [case for case in ops.operators()[kind.upper()].cases() if case.operator == kind.upper()]
        moved = [case for case in own if case.outputs[0].dtype == dtype and moves(case)]
        assert moved or dtype != "int8", kind
        found += moved[:PER_KIND]
    return found


def moves(case: Case) -> bool:
    """Does it move anything that is computed, and has a scale?"""
    return any(t is not None and t.data is None and t.quantization is not None for t in case.inputs)


def between(case: Case, inputs: bool, outputs: bool) -> Piece:
    """A case in float between DEQUANTIZE and QUANTIZE.

    inputs: every input has a scale of its own. outputs: so has every output; else all have the first input's.
    """
    piece = Piece()
    dtype = case.outputs[0].dtype
    sources: list[str | None] = []
    like: Quantization | None = None
    for i, tensor in enumerate(case.inputs):
        name = None if tensor is None else f"{case.name}/{i}"
        sources.append(name)
        if tensor is None or name is None:
            continue
        if tensor.quantization is None or tensor.dtype != dtype:
            piece.tensors.append(replace(tensor, name=name))
            if tensor.data is None:
                piece.limits[name] = case.ranges.get(tensor.name, (0, 1))
        elif tensor.data is not None:
            real = ((tensor.data.astype(np.float64) - tensor.zero_point) * tensor.scale).astype(np.float32)
            piece.tensors.append(Tensor(name, tensor.shape, "float32", None, real))
        else:
            zero = 0 if dtype == "int16" else tensor.zero_point - i
            own = Quantization((tensor.scale * (1 + i / 3),), (zero,))
            like = like or own
            piece.real(name, tensor.shape, dtype, own if inputs else like)
    assert like is not None
    reals = tuple(f"{case.name}/real{i}" for i in range(len(case.outputs)))
    piece.tensors += [Tensor(n, t.shape, "float32") for n, t in zip(reals, case.outputs, strict=True)]
    piece.nodes.append(Node(case.operator, tuple(sources), reals, case.options))
    for i, (tensor, name) in enumerate(zip(case.outputs, reals, strict=True)):
        own = Quantization((like.scale[0] * (0.8 + i / 4),), (like.zero_point[0] + 3,))
        piece.rounded(name, tensor.shape, dtype, own if outputs else like)
    return piece


def check(folder: Path, *pieces: Piece) -> Graph:
    """Our C gives LiteRT's bits of the model, without a float; its graph."""
    model = together(*pieces)
    graph = passes.optimize(tflite.lower(model, "moved"))
    assert not [t for t in graph.tensors.values() if t.dtype == "float32"]
    rng = np.random.default_rng(3)
    shapes = {t.name: (t.shape, t.dtype) for t in model_runner.inputs_of(model)}
    limits = {name: both for piece in pieces for name, both in piece.limits.items()}
    frames: list[dict[str, Array]] = []
    for _ in range(3):
        frame: dict[str, Array] = {}
        for name, (low, high) in limits.items():
            shape, stored = shapes[name]
            frame[name] = rng.integers(low, high, shape, np.int64, endpoint=True).astype(stored)
        frames.append(frame)
    (found,) = model_runner.run([Job("moved", model, frames)], folder)
    with Oracle(model, "moved") as judge:
        for frame, results in zip(frames, found, strict=True):
            expected = judge.run({port.index: frame[port.name] for port in judge.inputs})
            for name, ours, theirs in zip(graph.outputs, results, expected, strict=True):
                assert np.array_equal(ours.reshape(theirs.shape), theirs), name
    return graph


@pytest.mark.parametrize(
    ("dtype", "inputs", "outputs"),
    [
        ("int8", False, False),
        ("int8", False, True),
        ("int8", True, True),
        ("int16", False, False),
    ],
)
def test_operators_move_integers_with_litert_s_numbers(
    dtype: str, inputs: bool, outputs: bool, tmp_path: Path
) -> None:
    check(tmp_path, *(between(case, inputs, outputs) for case in cases(dtype)))


X, Y, Z = (Quantization((scale,), (zero,)) for scale, zero in ((0.05, 3), (0.02, -7), (0.04, -1)))
SHAPE = (1, 2, 3)
BOUNDS = (("first", (0, 1, 0)), ("last", (1, 1, 3)))


def joined(fused: int = 0) -> tuple[Piece, str]:
    """Two inputs of their own scales, one behind the other."""
    piece = Piece()
    sources = [piece.real("x", SHAPE, "int8", X), piece.real("y", SHAPE, "int8", Y)]
    return piece, piece.node("CONCATENATION", sources, (1, 4, 3), axis=1, fusedActivationFunction=fused)


def test_what_is_moved_several_times_has_no_table_at_its_own_scale(tmp_path: Path) -> None:
    piece, both = joined()
    shape = Tensor("shape", (2,), "int32", None, np.array([1, 12], np.int32))
    piece.tensors.append(shape)
    flat = piece.node("RESHAPE", (both, "shape"), (1, 12))
    piece.rounded(flat, (1, 12), "int8", X)
    graph = check(tmp_path, piece)
    assert [op.kind for op in graph.ops] == ["table", "concatenation", "reshape"]


def test_what_computes_with_moved_floats_is_a_table(tmp_path: Path) -> None:
    piece = Piece()
    first, last = (Tensor(n, (3,), "int32", None, np.array(v, np.int32)) for n, v in BOUNDS)
    piece.tensors += [first, last]
    part = piece.node("SLICE", (piece.real("x", SHAPE, "int8", X), "first", "last"), (1, 1, 3))
    piece.rounded(piece.node("SIN", (part,), (1, 1, 3)), (1, 1, 3), "int8", Y)
    piece.rounded(part, (1, 1, 3), "int8", Z)
    assert [op.kind for op in check(tmp_path, piece).ops] == ["slice", "table", "table"]


def test_what_computes_or_is_read_in_several_scales_stays_float() -> None:
    rectified, both = joined(fused=1)
    rectified.rounded(both, (1, 4, 3), "int8", Z)
    twice, both = joined()
    twice.rounded(both, (1, 4, 3), "int8", Y)
    twice.rounded(both, (1, 4, 3), "int8", Z)
    shown, both = joined()
    shown.rounded(both, (1, 4, 3), "int8", Z)
    shown.outputs.append(both)
    for piece in (rectified, twice, shown):
        with pytest.raises(Unsupported, match="it is a float model"):
            passes.optimize(tflite.lower(together(piece), "float"))


def test_sixteen_bits_of_another_scale_stay_float() -> None:
    piece = Piece()
    source = piece.real("x", SHAPE, "int16", Quantization((0.001,), (0,)))
    turned = piece.node("EXPAND_DIMS", (source, "axis"), (1, 1, 2, 3))
    piece.tensors.append(Tensor("axis", (), "int32", None, np.array(0, np.int32)))
    piece.rounded(turned, (1, 1, 2, 3), "int16", Quantization((0.0013,), (0,)))
    with pytest.raises(Unsupported, match="from float"):
        passes.optimize(tflite.lower(together(piece), "float"))


def test_a_scale_that_floats_do_not_hold_is_no_copy() -> None:
    piece = Piece()
    huge = Quantization((3e38,), (0,))
    source = piece.real("x", SHAPE, "int8", huge)
    turned = piece.node("EXPAND_DIMS", (source, "axis"), (1, 1, 2, 3))
    piece.tensors.append(Tensor("axis", (), "int32", None, np.array(0, np.int32)))
    piece.rounded(turned, (1, 1, 2, 3), "int8", huge)
    graph = passes.apply("move_integers", tflite.lower(together(piece), "huge"))
    assert [op.kind for op in graph.ops] == ["dequantize", "quantize", "expand_dims"]
