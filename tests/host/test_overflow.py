# SPDX-License-Identifier: Apache-2.0
"""An image that does not fit says what takes the room and what would help, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tests.host.test_sharing import sums
from tinyedge import board as boards
from tinyedge import paths, pipeline
from tinyedge.errors import DoesNotFit, UsageError
from tinyedge.model import Model
from tinyedge.options import Optimize, Options
from tinyedge.plan import overflow

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
    board = _shrunk(tmp_path, "flash", 12_800)
    with pytest.raises(UsageError, match="does not fit tiny: flash") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out")
    weights = (
        r"flash \(12,800 bytes\) overflows by [\d,]+ bytes: weights take [\d,]+, most of all \S+ weights "
    )
    assert error.match(weights)
    assert "`--flash 12800`" in error.value.hint and "mps3-an547" in error.value.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("larger", ["speed", "balanced"])
def test_the_fastest_that_fits_is_advised(larger: Optimize, tmp_path: Path) -> None:
    """Where flash is just too little for an image that is optimised for speed, or balanced."""
    network = zoo.OURS / "tiny_cnn.tflite"
    total = pipeline.build(network, "mps3-an547", tmp_path / "whole", Options(larger)).flash.total
    assert total is not None
    length = total - 64
    board = _shrunk(tmp_path, "flash", length)
    with pytest.raises(UsageError, match="does not fit tiny: flash") as error:
        pipeline.build(network, board, tmp_path / "out", Options("speed"))
    advice = "--optimize balanced" if larger == "speed" else f"--flash {length}"
    assert error.value.hint.startswith(f"try `{advice}`, or")
    options = Options("balanced", flash=None if larger == "speed" else length)
    pipeline.build(network, board, tmp_path / "fits", options)


def test_nothing_is_advised_that_cannot_help(tmp_path: Path) -> None:
    """Smaller code is tried, but where weights alone exceed the flash; no layer shrinks below nothing."""
    for length in (6144, 1024):
        with pytest.raises(UsageError, match="does not fit tiny: flash") as error:
            pipeline.build(zoo.OURS / "tiny_cnn.tflite", _shrunk(tmp_path, "flash", length), tmp_path / "out")
        assert "--optimize" not in error.value.hint and "mps3-an547" in error.value.hint
    with pytest.raises(UsageError, match="does not fit tiny: ram") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", _shrunk(tmp_path, "ram", 4352), tmp_path / "out")
    assert "shrink" not in error.value.hint and "mps3-an547" in error.value.hint


def test_too_little_room_for_loaded_code_does_not_blame_weights(tmp_path: Path) -> None:
    """A boot ROM of an ESP32 loads code into a memory of its own."""
    text = (paths.boards() / "esp32c3.toml").read_text(encoding="utf-8")
    whole = "code = { origin = 0x403B_6000, length = 0x0001_4E00 }"
    assert whole in text
    board = tmp_path / "tiny.toml"
    board.write_text(text.replace(whole, "code = { origin = 0x403B_6000, length = 0x1000 }"))
    with pytest.raises(UsageError, match=r"does not fit tiny: code \(4,096 bytes\) overflows by") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out")
    assert error.match(r"runtime, port and \d+ copies of \d+ kernels$")
    assert "weights" not in error.value.hint and "bytes" not in error.value.hint
    hint = error.value.hint
    assert hint.startswith("try a board with more room for code, such as ")
    assert "esp32c3" in hint
    with pytest.raises(UsageError, match=r"runtime, port and \d+ copies of \d+ kernels$") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out", Options("size"))
    assert "--optimize" not in error.value.hint


@pytest.mark.parametrize(("optimize", "copies"), [("speed", 6), ("size", 1)])
def test_copies_that_layers_share_count_once(optimize: Optimize, copies: int) -> None:
    plan = pipeline.plan(Model(sums(), "sums", "0" * 64, ""), boards.load("esp32c3"), Options(optimize)).plan
    told = overflow.explain(plan, DoesNotFit("tiny", "code", 4096, 1), lambda _: False)
    assert str(told).endswith(f"it holds runtime, port and {copies} copies of 1 kernels")


def test_too_little_ram_names_the_tensors_of_the_peak(tmp_path: Path) -> None:
    board = _shrunk(tmp_path, "ram", 4800)
    with pytest.raises(UsageError, match=r"ram \(4,800 bytes\) overflows by") as error:
        pipeline.build(zoo.OURS / "tiny_cnn.tflite", board, tmp_path / "out", Options("size"))
    assert error.match(r"the arena takes [\d,]+ \(most at layer '")
    assert "--optimize" not in error.value.hint and "mps3-an547" in error.value.hint
