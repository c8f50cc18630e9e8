# SPDX-License-Identifier: Apache-2.0
"""CIRCULAR_BUFFER, in our C under sanitizers, against TFLM itself (PyPI's tflite-micro)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.conftest import needed
from tests.model_runner import Job, run
from tests.single_op import Node
from tinyedge import passes
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.options import Options

SCALE = Quantization((float(np.float32(0.05)),), (-7,))
STREAMS: tuple[tuple[int, int, int, int | None, bool], ...] = (
    # n and depth of an input, slots, cycles_max, whether a second output says which runs are whole
    (1, 3, 4, 1, False),
    (2, 5, 1, 1, True),
    (1, 40, 9, 2, True),
    (2, 96, 3, 5, True),
    (1, 1, 13, None, False),
    (1, 7, 6, None, True),
)


def model(
    streams: tuple[tuple[int, int, int, int | None, bool], ...] = STREAMS, variable: bool = True
) -> bytes:
    """Buffers side by side."""
    tensors, nodes, inputs, kept = dict[str, Tensor](), list[Node](), list[str](), list[str]()
    for i, (n, depth, slots, cycles, flagged) in enumerate(streams):
        source = Tensor(f"in{i}", (1, 1, n, depth), "int8", SCALE)
        target = Tensor(f"rows{i}", (1, slots, n, depth), "int8", SCALE)
        made = [target, Tensor(f"whole{i}", (1,), "bool")][: 1 + flagged]
        tensors |= {tensor.name: tensor for tensor in (source, *made)}
        options = {} if cycles is None else {"cycles_max": cycles}
        nodes.append(Node("CUSTOM CIRCULAR_BUFFER", (source.name,), tuple(t.name for t in made), options))
        inputs.append(source.name)
        kept.append(target.name)
    outputs = [name for node in nodes for name in node.outputs]
    return single_op.pack(tensors.values(), nodes, inputs, outputs, kept if variable else ())


def test_buffers_equal_tflms_run_after_run(tmp_path: Path) -> None:
    runtime = needed("tflite_micro", "pip install tflite-micro").runtime
    data, runs = model(), 40
    judge = runtime.Interpreter.from_bytes(data, arena_size=100_000)
    rng = np.random.default_rng(1)
    shapes = [(1, 1, n, depth) for n, depth, *_ in STREAMS]
    frames = [[rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes] for _ in range(runs)]
    job = Job("buffers", data, [{f"in{i}": row for i, row in enumerate(frame)} for frame in frames])
    for frame, found in zip(frames, run([job], tmp_path)[0], strict=True):
        for i, row in enumerate(frame):
            judge.set_input(row, i)
        assert judge.invoke() == 0
        for i, got in enumerate(found):
            np.testing.assert_array_equal(got.ravel(), np.array(judge.get_output(i)).ravel(), str(i))


def test_a_trial_is_judged_by_tflm_though_the_file_keeps_nothing(tmp_path: Path) -> None:
    needed("tflite_micro", "pip install tflite-micro")
    file = tmp_path / "rows.tflite"
    file.write_bytes(model(variable=False))
    report = zoo.replay(file, "host", tmp_path / "out", 30, Options())
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (30, 0)
    assert "Micro" in report.bit_exact.judged_by


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        ((1, 3, 4, 2, False), "TFLM ends 1 of 2 runs at it, without any output"),
        ((1, 3, 4, None, False), "TFLM ends 1 of 2 runs at it, without any output"),
        ((1, 3, 4, -1, True), "its cycles_max is -1"),
        ((1, 1024, 1026, 1, True), "it has no state, or one of more than 1048576 samples"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    stream: tuple[int, int, int, int | None, bool], says: str
) -> None:
    with pytest.raises(Unsupported, match=says):
        passes.optimize(tflite.lower(model((stream,)), "m"))
