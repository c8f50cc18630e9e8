# SPDX-License-Identifier: Apache-2.0
"""MLPerf Tiny's protocol on an emulated board: laps are the emulator's time, the stack has a bound."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests import zoo
from tinyedge import board, pipeline, transport
from tinyedge.bench.profile import profile
from tinyedge.line.link import Transport
from tinyedge.options import Options


def _answer(line: Transport) -> bytes:
    text, end = b"", time.monotonic() + 60
    while not text.endswith(b"m-ready\r\n"):
        assert time.monotonic() < end, text
        text += line.read(0.2)
    return text


def test_the_laps_are_the_time_of_the_inferences(tmp_path: Path) -> None:
    file = tmp_path / "ic01.tflite"
    shutil.copyfile(zoo.OURS / "tiny_cnn.tflite", file)
    built = pipeline.build(file, "mps3-an547", tmp_path / "out", Options(protocol="mlperf"))
    assert built.ram.stack_bound is not None and built.ram.stack_bound < 4096
    one = profile(file, "mps3-an547", tmp_path / "framed", runs=1).whole  # instructions, 1 ns each
    line = transport.open_board(board.load("mps3-an547"), tmp_path / "out" / "firmware.elf")
    try:
        # As the runner does: what is sent before the device listens stays in the emulator's buffer.
        _answer(line)
        line.write(b"infer 50 1%")
        text = _answer(line)
    finally:
        line.close()
    first, last = (int(word.split(b"\r")[0]) for word in text.split(b"m-lap-us-")[1:])
    assert 0 <= (last - first) * 1000 - 50 * one < 50 * 0.05 * one + 1000  # and 50 copies of the input
