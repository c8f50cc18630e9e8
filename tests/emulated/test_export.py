# SPDX-License-Identifier: Apache-2.0
"""The exported CMake project, built by GCC with its own toolchain files, passes its self-check under QEMU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.exports import NAME, WARNINGS, ctest, library, tool, write
from tinyedge import board as boards
from tinyedge.toolchain import compilers

CORES = {
    "mps2-an386": "cortex-m4",
    "mps2-an505": "cortex-m33",
    "mps3-an547": "cortex-m55",
    "qemu-virt-rv32": "rv32imc",
}


@pytest.mark.parametrize(
    ("board", "kernels"), [*((board, "own") for board in CORES), ("mps2-an386", "portable")]
)
def test_self_check_on_an_emulated_core(board: str, kernels: str, tmp_path: Path) -> None:
    core = CORES[board]
    install = compilers.missing(boards.load(board), "gcc")
    if install is not None:
        lacking(f"gcc for {board} is missing: {install}")
    tool("cmake", "pip install cmake")
    folder = write(library(core if kernels == "own" else None), "cmake", tmp_path / NAME)
    said = ctest(folder, tmp_path / "build", " ".join(WARNINGS), f"--toolchain=toolchains/{core}.cmake")
    assert f"PASS, bit-exact: 10 outputs of {NAME}" in said
