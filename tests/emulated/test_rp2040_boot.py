# SPDX-License-Identifier: Apache-2.0
"""Takes the UF2 file of an RP2040, starts it by its own second stage in the emulator rp2040js, and replays.

labwired takes the ELF and begins at the vectors. rp2040js is no Python package: the test looks for it in the
folder that RP2040JS names (`npm install rp2040js` there), and for the program node.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import zoo
from tests.conftest import absent, shared_path
from tinyedge import transport
from tinyedge.board import Board
from tinyedge.transport import exec as pipes

FRAMES = 20
BRIDGE = Path(__file__).resolve().parents[1] / "rp2040js.mjs"


def test_the_second_stage_starts_what_the_uf2_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node, folder = shutil.which("node"), os.environ.get("RP2040JS")
    if node is None or folder is None:
        absent("node or the folder of rp2040js (environment variable RP2040JS) is missing")
    module = Path(folder) / "node_modules" / "rp2040js" / "dist" / "esm" / "index.js"

    def start(board: Board, elf: Path, url: str | None = None, baud: int | None = None) -> pipes.Pipe:
        return pipes.Pipe([node, str(BRIDGE), str(module), str(elf.with_name("firmware.uf2"))])

    monkeypatch.setattr(transport, "open_board", start)
    report = zoo.replay(shared_path("models", "mlperf", "ad01_int8.tflite"), "rp2040", tmp_path, FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)
