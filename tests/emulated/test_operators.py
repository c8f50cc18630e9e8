# SPDX-License-Identifier: Apache-2.0
"""One layer of every operator, side by side in one model, gives LiteRT's bits on three emulated cores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import lx7, single_op, zoo
from tinyedge import ops
from tinyedge.ops import Case
from tinyedge.options import Optimize, Options

FRAMES = 4


def layers() -> Iterator[Case]:
    """The last case of every operator that takes any numbers."""
    for kind, operator in sorted(ops.operators().items()):
        found = [case for case in operator.cases() if case.operator == kind and not case.ranges]
        yield from found[-1:]


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(
    ("board", "optimize"), [("mps3-an547", "speed"), ("qemu-virt-rv32", "size"), (lx7.BOARD, "speed")]
)
def test_every_operator_equals_litert(board: str, optimize: Optimize, tmp_path: Path) -> None:
    file = tmp_path / "operators.tflite"
    file.write_bytes(single_op.merged(list(layers())))
    emulated = lx7.board(tmp_path) if board == lx7.BOARD else board
    report = zoo.replay(file, emulated, tmp_path / "out", FRAMES, Options(optimize))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact
