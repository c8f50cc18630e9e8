# SPDX-License-Identifier: Apache-2.0
"""Elementwise parts with one byte in: they become tables, and our C gives LiteRT's bits for every input."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests import model_runner, single_op, zoo
from tests.model_runner import Job
from tests.single_op import Node
from tinyedge import model as models
from tinyedge import passes
from tinyedge.graph import Array, Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.oracle import Oracle
from tinyedge.oracle.kernels import Kernels

SHAPE = (1, 4, 8, 8)  # 256 elements: every input once


@dataclass
class Parts:
    """Operators from an 8-bit input on; `node` adds one and gives the name of its output."""

    name: str
    dtype: str = "int8"
    scale: float = 0.047
    zero_point: int = 11
    nodes: list[Node] = field(default_factory=list)
    outputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.x = f"{self.name}/x"
        self.tensors = [Tensor(self.x, SHAPE, self.dtype, Quantization((self.scale,), (self.zero_point,)))]

    def number(self, value: float, dtype: str = "float32", scale: float = 0.0) -> str:
        name = f"{self.name}/constant{len(self.tensors)}"
        quantization = Quantization((scale,), (0,)) if scale else None
        self.tensors.append(Tensor(name, (), dtype, quantization, np.array(value, dtype)))
        return name

    def node(self, operator: str, *inputs: str, **options: Any) -> str:
        """A float operator."""
        return self._node(operator, inputs, "float32", None, options)

    def byte(
        self, operator: str, *inputs: str, scale: float, zero: int = 0, dtype: str = "int8", **options: Any
    ) -> str:
        """An operator with a quantised output."""
        return self._node(operator, inputs, dtype, Quantization((scale,), (zero,)), options)

    def _node(
        self,
        operator: str,
        inputs: tuple[str, ...],
        dtype: str,
        quantization: Quantization | None,
        options: dict[str, Any],
    ) -> str:
        name = f"{self.name}/{operator.lower()}{len(self.tensors)}"
        dtype = "bool" if operator == "GREATER" else dtype
        self.tensors.append(Tensor(name, SHAPE, dtype, quantization))
        self.nodes.append(Node(operator, inputs, (name,), options))
        return name

    def ending(self, *outputs: str) -> Parts:
        self.outputs = outputs
        return self


def island(operator: str, **options: Any) -> Parts:
    """DEQUANTIZE, the operator in float, QUANTIZE."""
    parts = Parts(f"{operator.lower()} island")
    real = parts.node(operator, parts.node("DEQUANTIZE", parts.x), **options)
    return parts.ending(parts.byte("QUANTIZE", real, scale=0.05))


def of_bytes(operator: str, scale: float, zero: int, source: tuple[float, int] = (0.047, 11)) -> Parts:
    """The operator on int8 alone, as TensorFlow's converter writes it."""
    parts = Parts(operator.lower(), "int8", *source)
    return parts.ending(parts.byte(operator, parts.x, scale=scale, zero=zero))


def selu() -> Parts:
    """SELECT(x > 0, 1.0507 x, 1.758 (e^x - 1)) in float."""
    parts = Parts("selu")
    x = parts.node("DEQUANTIZE", parts.x)
    above = parts.node("GREATER", x, parts.number(0.0))
    below = parts.node("SUB", parts.node("EXP", x), parts.number(1.0))
    scaled = parts.node("MUL", below, parts.number(1.7580993))
    chosen = parts.node("SELECT_V2", above, parts.node("MUL", x, parts.number(1.0507009)), scaled)
    return parts.ending(parts.byte("QUANTIZE", chosen, scale=0.06, zero=-70))


def swish() -> Parts:
    """x * logistic(x), both int8 operators with kernels of their own: one table is faster."""
    parts = Parts("swish")
    gate = parts.byte("LOGISTIC", parts.x, scale=2.0**-8, zero=-128)
    return parts.ending(parts.byte("MUL", parts.x, gate, scale=0.05, zero=-100))


def clamp() -> Parts:
    """MINIMUM and MAXIMUM with constants of the same scale."""
    parts = Parts("clamp", zero_point=0)
    low = parts.byte("MAXIMUM", parts.x, parts.number(-20, "int8", 0.047), scale=0.047)
    return parts.ending(parts.byte("MINIMUM", low, parts.number(64, "int8", 0.047), scale=0.047))


def forked() -> Parts:
    """What is in the middle is an output, too: two tables."""
    parts = Parts("forked")
    middle = parts.byte("ABS", parts.x, scale=0.05, zero=-128)
    end = parts.node("EXP", parts.node("DEQUANTIZE", middle))
    return parts.ending(middle, parts.byte("QUANTIZE", end, scale=2.0, zero=-128))


def widened() -> Parts:
    """From uint8 to int16."""
    parts = Parts("widened", "uint8", 0.02, 128)
    real = parts.node("SIN", parts.node("DEQUANTIZE", parts.x))
    return parts.ending(parts.byte("QUANTIZE", real, scale=2.0**-15, dtype="int16"))


ALL = (
    island("SQUARE"),
    island("SIN"),
    island("TANH"),
    island("GELU", approximate=True),
    of_bytes("ABS", 0.05, -100),
    of_bytes("EXP", 0.7, -128),
    of_bytes("GELU", 0.04, -118),
    of_bytes("LOG", 0.02, 0, (0.02, -128)),
    of_bytes("RSQRT", 0.03, -128, (0.05, -128)),
    selu(),
    swish(),
    clamp(),
    forked(),
    widened(),
)


def together(*parts: Parts) -> bytes:
    """All of them side by side in one model."""
    tensors = [tensor for part in parts for tensor in part.tensors]
    nodes = [node for part in parts for node in part.nodes]
    outputs = [name for part in parts for name in part.outputs]
    return single_op.pack(tensors, nodes, [part.x for part in parts], outputs)


def test_parts_become_tables_with_litert_s_numbers(tmp_path: Path) -> None:
    model = together(*ALL)
    graph = passes.optimize(tflite.lower(model, "parts"))
    # One operator for each output, and a table wherever the part has more than one operator.
    assert [op.outputs[0] for op in graph.ops] == list(graph.outputs)
    kinds = {op.outputs[0]: op.kind for op in graph.ops}
    long = [name for part in ALL if len(part.nodes) > 1 for name in part.outputs[-1:]]
    assert len(long) == 9 and {kinds[name] for name in long} == {"table"}
    sources = model_runner.inputs_of(model)
    frame: dict[str, Array] = {
        t.name: np.arange(256, dtype=np.uint8).view(t.dtype).reshape(SHAPE) for t in sources
    }
    ((results,),) = model_runner.run([Job("parts", model, [frame])], tmp_path)
    with Oracle(model, "parts") as judge:
        expected = judge.run({port.index: frame[port.name] for port in judge.inputs})
    for name, ours, theirs in zip(graph.outputs, results, expected, strict=True):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs), name


def test_what_the_reference_kernels_lack_becomes_a_table_that_they_have(tmp_path: Path) -> None:
    lone = of_bytes("ELU", 0.03, -95)
    parts = (island("ELU"), island("ROUND"), lone, of_bytes("ABS", 0.05, -100))
    original = together(*parts)
    file = tmp_path / "elu.tflite"
    file.write_bytes(original)
    report = zoo.replay(file, "host", tmp_path / "out", 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)
    # The numbers of an operator alone are those of LiteRT's only kernel, run on the file as it was.
    before, after = (tflite.lower(data, "elu") for data in (original, models.load(file).data))
    assert [op.kind for op in after.ops].count("gather") == 3
    every = np.arange(256, dtype=np.uint8).view(np.int8).reshape(SHAPE)
    inputs = dict.fromkeys(before.inputs, every)
    with Kernels() as kernels:
        wanted = kernels.run(before, inputs, reference=False)
        found = kernels.run(after, inputs)
    assert all(np.array_equal(found[name], wanted[name]) for name in lone.outputs)


def test_tables_are_litert_s_and_not_made_for_tflm() -> None:
    graph = tflite.lower(together(swish()), "swish")
    assert [op.kind for op in passes.optimize(graph, "tflm").ops] == ["logistic", "mul"]


def test_a_constant_for_every_channel_is_no_table() -> None:
    parts = Parts("channels")
    parts.tensors.append(
        Tensor("bias", (8,), "int8", Quantization((0.1,), (0,)), np.arange(8, dtype=np.int8))
    )
    total = parts.byte("ADD", parts.x, "bias", scale=0.08)
    graph = tflite.lower(together(parts.ending(parts.byte("RELU", total, scale=0.08))), "channels")
    assert [op.kind for op in passes.optimize(graph).ops] == ["add", "relu"]
