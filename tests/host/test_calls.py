# SPDX-License-Identifier: Apache-2.0
"""An operator that is several calls with scratch between them: it is kept apart, and the bits are right."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.model_runner import Job
from tinyedge import board as boards
from tinyedge import emit, ops, passes
from tinyedge import plan as planner
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Call, Input, Operator, Output, Scratch, relu
from tinyedge.options import Optimize
from tinyedge.oracle import Oracle
from tinyedge.plan import Plan

SHAPE = (1, 5, 7, 3)
SIZE = 105
"""Bytes of an activation, and so of scratch: no multiple of the arena's alignment."""


def in_steps(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    """RELU6 as three calls of the kernel that clamps: no limit, the lower one, the upper one."""
    low, high = relu.bounds(graph, op)
    source, target = Input(op.inputs[0] or ""), Output(op.outputs[0])
    one, two = Scratch(SIZE, "one"), Scratch(SIZE, "two")
    return (
        Call("limit", "limit_s8", {"size": SIZE, "min": -128, "max": 127}, (source, one)),
        Call("limit", "limit_s8", {"size": SIZE, "min": low, "max": 127}, (one, two)),
        Call("limit", "limit_s8", {"size": SIZE, "min": -128, "max": high}, (two, target)),
    )


@pytest.fixture
def stepwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """RELU6 is the operator above while the test runs; its first call has read all before the last writes."""
    known = dict(ops.operators())
    operator = dataclasses.replace(
        known["RELU6"], calls=in_steps, distance=lambda graph, op, source: 0, rise=lambda *_: None
    )
    changed: Mapping[str, Operator] = known | {"RELU6": operator}
    monkeypatch.setattr(ops, "operators", lambda: changed)
    # All of this model could be one table.
    monkeypatch.setattr(passes, "BEFORE_READING", ("fold_constants", "strip_float_border"))


def model() -> bytes:
    """Two RELU6 in a row, and the sum of all three activations, so that all live beside the scratch."""
    scale = Quantization((float(np.float32(0.05)),), (-20,))
    a, b, c, d, e = (Tensor(name, SHAPE, "int8", scale) for name in "abcde")
    relu6 = [single_op.Node("RELU6", (x.name,), (y.name,), {}) for x, y in ((a, b), (b, c))]
    sums = [
        single_op.Node("ADD", (x.name, y.name), (z.name,), {"fusedActivationFunction": 0})
        for x, y, z in ((a, c, d), (d, b, e))
    ]
    return single_op.pack((a, b, c, d, e), [*relu6, *sums], ["a"], ["e"])


def planned() -> Plan:
    return planner.plan(passes.optimize(tflite.lower(model(), "steps")), boards.load("host"))


@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_an_operator_of_three_calls_equals_litert(optimize: Optimize, stepwise: None, tmp_path: Path) -> None:
    assert [len(layer.calls) for layer in planned().layers] == [3, 3, 1, 1]
    rng = np.random.default_rng(3)
    frames = rng.integers(-128, 127, (4, *SHAPE), np.int8, endpoint=True)
    job = Job("steps", model(), [{"a": frame} for frame in frames], optimize)
    (results,) = model_runner.run([job], tmp_path)
    with Oracle(model(), "steps") as judge:
        (expected,) = judge.run_many({judge.inputs[0].index: frames})
    assert np.array_equal(np.stack([outputs[0] for outputs in results]), expected)


def test_scratch_has_a_place_of_its_own_and_counts(stepwise: None) -> None:
    plan = planned()
    for layer in plan.layers:
        if layer.op.kind != "relu6":
            continue
        names = (*plan.graph.activations(layer.op), *layer.op.outputs)
        if layer.op.outputs[0] == "c":
            names = (*names, "a")  # still needed by the sum
        taken = [range(plan.offsets[n], plan.offsets[n] + SIZE) for n in dict.fromkeys(names)]
        assert set(layer.scratch) == {"one", "two"}
        for start in layer.scratch.values():
            assert start % plan.alignment == 0 and start + SIZE <= plan.arena_size
            taken.append(range(start, start + SIZE))
        scratch = taken[-2:]
        for place in scratch:
            assert all(place is other or not set(place) & set(other) for other in taken)
    # The second layer needs three activations and two scratches at once.
    assert plan.arena_size >= plan.arena_lower_bound >= 5 * SIZE
    assert plan.arena_size <= 5 * SIZE + 4 * plan.alignment


def test_scratch_is_shown_in_the_plan_and_in_the_code(stepwise: None) -> None:
    plan = planned()
    text = planner.dump(plan)
    start = plan.layers[0].scratch["one"]
    assert f"{start:>7} .. {start + SIZE:<7} scratch 'one'" in text
    assert f"{plan.layers[0].op.name}: limit_s8_portable" in text
    code = emit.emit_model(plan, "0" * 64, "te_steps")["te_steps.c"].decode()
    assert code.count(f"(void *)(arena + {start})") >= 2
