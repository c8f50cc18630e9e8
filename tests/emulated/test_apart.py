# SPDX-License-Identifier: Apache-2.0
"""Layers in units of their own, as large models have them, compute what LiteRT computes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests import single_op, zoo
from tinyedge import board, emit, pipeline
from tinyedge.ops import conv_2d
from tinyedge.options import Optimize, Options

BOARD = "mps3-an547"


def _twins() -> bytes:
    """Two layers with the same weights, bias and multipliers: arrays that both of their units read."""
    one = next(iter(conv_2d.operator.cases()))
    return single_op.merged([replace(one, name="one"), replace(one, name="two")])


@pytest.mark.parametrize("name", ["tiny_cnn", "twins"])
def test_units_of_one_layer_are_bit_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    file = tmp_path / f"{name}.tflite"
    file.write_bytes(_twins() if name == "twins" else (zoo.OURS / file.name).read_bytes())
    monkeypatch.setattr(emit, "APART", 1)
    report = zoo.replay(file, BOARD, tmp_path, 3, Options("speed"))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (3, 0)
    units = [unit for unit in report.build.layers if unit.macs]
    made = list((tmp_path / "src" / "models").rglob("*_part*.c"))
    assert len(made) >= len(units) > 1
    # Both have arrays that layers of several units read.
    assert any("\nextern const" in file.read_text() for file in (tmp_path / "src").rglob("*_data.h"))


def test_a_model_is_split_where_it_is_large_and_for_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = pipeline.load(zoo.OURS / "tiny_cnn.tflite")
    made = {}
    tried: list[tuple[int, Optimize]] = [(3, "speed"), (1000, "speed"), (1, "size")]
    for apart, optimize in tried:
        monkeypatch.setattr(emit, "APART", apart)
        plan = pipeline.plan(model, board.load(BOARD), Options(optimize)).plan
        made[apart] = [unit for unit in emit.emit(plan, model.sha256).model_units if "_part" in unit]
    layers = sum(bool(layer.calls) for layer in plan.layers)
    assert made == {
        3: [f"models/te_tiny_cnn/te_tiny_cnn_part{i}.c" for i in range(-(-layers // 3))],
        1000: [],
        1: [],
    }


def test_a_changed_layer_changes_its_own_unit_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of all others come from the cache."""
    monkeypatch.setattr(emit, "APART", 1)
    data = bytearray((zoo.OURS / "tiny_cnn.tflite").read_bytes())
    trees = []
    for change in (0, 1):
        file = tmp_path / f"tiny_cnn{change}.tflite"
        file.write_bytes(data)
        model = pipeline.load(file, name="tiny_cnn")
        plan = pipeline.plan(model, board.load(BOARD), Options("speed")).plan
        trees.append(emit.emit(plan, model.sha256).files)
        dense = next(op for op in plan.graph.ops if op.kind == "fully_connected")
        weights = plan.graph.tensors[dense.inputs[1] or ""].data
        assert weights is not None
        data[data.index(weights.tobytes())] ^= 1
    changed = {path.rpartition("/")[2] for path in trees[0] if trees[0][path] != trees[1][path]}
    parts = {name for name in changed if "_part" in name}
    assert len(parts) == 1 and parts.pop().endswith("_data.h")
    assert len([path for path in trees[0] if "_part" in path]) > 6
