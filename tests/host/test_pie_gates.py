# SPDX-License-Identifier: Apache-2.0
"""Sigmoids and hyperbolic tangents for the ESP32-S3, of all numbers of 16 bits: those of kernels/gates.h."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import paths
from tinyedge.plan.layout import pie_lstm, pie_product

SOURCE = Path(__file__).resolve().parents[1] / "pie" / "gates.c"
WHOLE = range(1, 8)
"""Bits before the point of what powers of e are taken of: a cell's scale says how many."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("gcc") is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    target = tmp_path_factory.mktemp("gates") / "gates"
    command = ["gcc", *WARNINGS, *SANITIZERS, f"-I{paths.firmware()}", str(SOURCE), "-o", str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


@pytest.mark.parametrize(
    ("whole", "sigmoid"), [(pie_lstm.SIGMOID, True), *((whole, False) for whole in WHOLE)]
)
def test_gates_are_those_of_other_kernels(whole: int, sigmoid: bool, program: Path, tmp_path: Path) -> None:
    file = tmp_path / "vectors"
    file.write_bytes(pie_product.vectors(*pie_lstm.gate_numbers(whole, sigmoid=sigmoid)).tobytes())
    command = [str(program), str(whole), str(int(sigmoid)), str(file)]
    assert not subprocess.run(command, check=True, timeout=60, capture_output=True).stdout
