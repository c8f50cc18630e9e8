# SPDX-License-Identifier: Apache-2.0
"""A balanced image keeps to the flash that is given, computes LiteRT's bits, and knows its stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import zoo
from tinyedge import pipeline
from tinyedge.errors import UsageError
from tinyedge.options import Options

BOARD = "mps3-an547"
MODEL = zoo.OURS / "tiny_cnn.tflite"


def test_an_image_keeps_to_the_flash_that_is_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"takes [\d,]+ bytes of flash on mps3-an547 where all") as error:
        pipeline.build(MODEL, BOARD, tmp_path / "none", Options("balanced", flash=1000))
    assert not (tmp_path / "none").exists()
    least = int(re.findall(r"[\d,]{4,}", str(error.value))[0].replace(",", ""))
    assert f"give {least:,}" in error.value.hint
    small = pipeline.build(MODEL, BOARD, tmp_path / "small", Options("size"))
    assert least == small.flash.total
    given = least + 1500
    report = zoo.replay(MODEL, BOARD, tmp_path / "some", 3, Options("balanced", flash=given))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (3, 0)
    made = report.build
    assert made.flash.total is not None and least < made.flash.total <= given == made.flash.given
    # Both kinds, in units of their own; a bound of the stack is known of both.
    assert {layer.small for layer in made.layers if layer.macs} == {False, True}
    units = {file.name for file in (tmp_path / "some" / "src").rglob("te_tiny_cnn*.c")}
    assert units == {"te_tiny_cnn.c", "te_tiny_cnn_part0.c", "te_tiny_cnn_small.c"}
    assert made.ram.stack_bound is not None
