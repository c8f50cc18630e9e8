# SPDX-License-Identifier: Apache-2.0
"""Every board builds the reference models to what goes onto it, or says what does not fit.

But for what tests/emulated/test_boards.py builds and runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tests.bench import widened
from tests.conftest import lacking, shared_path
from tests.emulated.test_boards import PUBLISHED
from tinyedge import board as boards
from tinyedge import pipeline
from tinyedge.errors import UsageError
from tinyedge.options import Options
from tinyedge.toolchain import compilers

TOO_LARGE = {("gd32vf103", "ad01_int8"), ("esp32p4", "ad01_int8")}
"""Boards with less room than a model has weights: flash, or RAM that the image is loaded into."""


@pytest.mark.parametrize(
    ("board", "model"),
    [
        (board, model)
        for board in zoo.boards_apart()
        for model in ("kws_ref_model", "ad01_int8")
        if PUBLISHED.get(board) != model
    ],
)
def test_reference_models_build(board: str, model: str, tmp_path: Path) -> None:
    file, facts = shared_path("models", "mlperf", f"{model}.tflite"), boards.load(board)
    install = compilers.missing(facts)
    if install is not None:
        lacking(f"the compiler of {board} is missing: {install}")
    if (board, model) in TOO_LARGE:
        with pytest.raises(UsageError, match=f"does not fit {board}: flash .* weights take"):
            pipeline.build(file, board, tmp_path)
        return
    build = pipeline.build(file, board, tmp_path)
    made = [(tmp_path / name).stat().st_size for name in build.image.files]
    assert sum(made) > build.flash.weights
    assert build.ram.arena >= build.ram.arena_lower_bound


@pytest.mark.parametrize("board", ["esp32", "esp32s3"])
def test_convolutions_with_int16_activations_build(board: str, tmp_path: Path) -> None:
    """Debian's compiler for Xtensa warns of loops whose counter could overflow, were they that long."""
    facts = boards.load(board)
    install = compilers.missing(facts)
    if install is not None:
        lacking(f"the compiler of {board} is missing: {install}")
    file = tmp_path / "model.tflite"
    file.write_bytes(
        widened.widen(shared_path("models", "mlperf", "pretrainedResnet_quant.tflite").read_bytes())
    )
    assert pipeline.build(file, board, tmp_path / "build", Options("speed")).image.files
