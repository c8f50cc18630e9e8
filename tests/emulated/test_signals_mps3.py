# SPDX-License-Identifier: Apache-2.0
"""A model of TFLM's signal operators is replayed on an emulated board and judged by TFLM itself."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tests.conftest import needed
from tests.host.test_signals import front, loudness
from tinyedge import ops
from tinyedge.bench import trial
from tinyedge.graph import Graph, Op
from tinyedge.judge.report import Report
from tinyedge.ops import Call, Operator, signal_pcan


def replayed(board: str, folder: Path) -> Report:
    needed("tflite_micro", "pip install tflite-micro")
    (folder / "front.tflite").write_bytes(front().bytes("log"))
    np.savez(folder / "sound.npz", x=loudness((1, 160), 40, 3))
    return trial.test(folder / "front.tflite", board, folder / "sound.npz", folder / "build")


def test_a_front_end_of_operators_is_judged_by_tflm(tmp_path: Path) -> None:
    exact = replayed("mps3-an547", tmp_path).bit_exact
    assert (exact.frames, exact.mismatches) == (40, 0)
    assert exact.judged_by == "TensorFlow Lite Micro's reference kernels"


def test_the_first_operator_that_differs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
        (call,) = signal_pcan.calls(graph, op, rounding)
        return (replace(call, params={**call.params, "shift": 7}),)

    known = cast(MutableMapping[str, Operator], ops.operators())
    monkeypatch.setitem(known, signal_pcan.KIND, replace(signal_pcan.operator, calls=wrong))
    exact = replayed("host", tmp_path).bit_exact
    assert exact.mismatches and exact.first_layer is not None and "'even'" in exact.first_layer
