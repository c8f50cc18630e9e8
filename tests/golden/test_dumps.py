# SPDX-License-Identifier: Apache-2.0
"""What --dump prints of small models is what it printed before; a diff here is a decision, not an accident.

TINYEDGE_GOLDEN=write pytest tests/golden  writes the files anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import board, emit, pipeline
from tinyedge import model as models
from tinyedge.options import CHOICES, Optimize, Options

HERE = Path(__file__).resolve().parent
MODELS = ("branches", "tiny_ae_float_io", "tiny_cnn", "tiny_cnn_int16x8")


def compare(name: str, text: str) -> None:
    file = HERE / name
    if os.environ.get("TINYEDGE_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("stage", ["graph", "optimized", "plan"])
@pytest.mark.parametrize("name", MODELS)
def test_stages(name: str, stage: str) -> None:
    model = models.load(zoo.OURS / f"{name}.tflite")
    compare(f"{name}.{stage}.txt", pipeline.dump(model, board.load("mps3-an547"), stage))


@pytest.mark.parametrize("optimize", CHOICES["optimize"])
def test_generated_c(optimize: Optimize) -> None:
    model = models.load(zoo.OURS / "tiny_ae.tflite")
    plan = pipeline.plan(model, board.load("host"), Options(optimize)).plan
    files = emit.emit_model(plan, model.sha256)
    for kind in ("h", "c"):
        compare(f"tiny_ae.{optimize}.model.{kind}.txt", files[f"te_tiny_ae.{kind}"].decode())
