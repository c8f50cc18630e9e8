# SPDX-License-Identifier: Apache-2.0
"""An image that does not fit says what takes the room and what would help, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tinyedge import paths, pipeline
from tinyedge.errors import UsageError
from tinyedge.options import Options

_BOARD = (paths.boards() / "mps3-an547.toml").read_text(encoding="utf-8")


def _shrunk(folder: Path, region: str, length: int) -> Path:
    """The board file of mps3-an547 with one memory cut down to `length` bytes."""
    origin = {"flash": "0x0000_0000", "ram": "0x2000_0000"}[region]
    file = folder / "tiny.toml"
    whole = f"{region} = {{ origin = {origin}, length = 0x0008_0000 }}"
    assert whole in _BOARD
    file.write_text(_BOARD.replace(whole, f"{region} = {{ origin = {origin}, length = {length} }}"))
    return file


def test_too_little_flash_names_the_largest_weights(tmp_path: Path) -> None:
    board = _shrunk(tmp_path, "flash", 4096)
    with pytest.raises(UsageError, match="does not fit tiny: flash") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out")
    weights = (
        r"flash \(4,096 bytes\) overflows by [\d,]+ bytes: weights take [\d,]+, most of all \S+ weights "
    )
    assert error.match(weights)
    assert "`--optimize size`" in error.value.hint and "mps3-an547" in error.value.hint
    assert not (tmp_path / "out").exists()


def test_too_little_ram_names_the_tensors_of_the_peak(tmp_path: Path) -> None:
    board = _shrunk(tmp_path, "ram", 4800)
    with pytest.raises(UsageError, match=r"ram \(4,800 bytes\) overflows by") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out", Options("size"))
    assert error.match(r"the arena takes [\d,]+ \(most at layer '")
    assert "--optimize" not in error.value.hint and "mps3-an547" in error.value.hint
