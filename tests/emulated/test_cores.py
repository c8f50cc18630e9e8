# SPDX-License-Identifier: Apache-2.0
"""Takes cores that no emulated board has, shows their code exact on a machine of QEMU that knows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tinyedge import paths
from tinyedge.options import Optimize, Options

FRAMES = 20


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("board", ["qemu-virt-rv32"])
def test_hazard3_is_bit_exact(board: str, optimize: Optimize, tmp_path: Path) -> None:
    text = (paths.boards() / f"{board}.toml").read_text(encoding="utf-8")
    file = tmp_path / "hazard3.toml"
    file.write_text(text.replace('core = "rv32imc"', 'core = "hazard3"'), encoding="utf-8")
    report = zoo.replay(zoo.OURS / "tiny_cnn.tflite", str(file), tmp_path / "out", FRAMES, Options(optimize))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)
