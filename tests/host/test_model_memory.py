# SPDX-License-Identifier: Apache-2.0
"""No file takes more than 20 times its size and 500 MB: one that refers to the same bytes again and again,
one with a giant name, one with giant shapes, one that says it has more than it has."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import single_op
from tests.single_op import Node
from tinyedge.graph import Quantization, Tensor

SECONDS = 30.0
# Runs `tinyedge check FILE`; prints its exit code, the peak of its memory and its processor time.
MEASURE = """
import resource, subprocess, sys
command = [sys.executable, "-m", "tinyedge", "check", sys.argv[1]]
code = subprocess.run(command, capture_output=True).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_maxrss, used.ru_utime)
"""


def shared(tensors: int, subgraphs: int, name: int) -> bytes:
    """All tensors of all subgraphs are one, whose name has `name` bytes."""
    builder = schema.flatbuffers.Builder(1024)
    text = builder.CreateString("n" * name)
    schema.TensorStart(builder)
    schema.TensorAddName(builder, text)
    schema.TensorAddType(builder, schema.TensorType.INT8)
    tensor = schema.TensorEnd(builder)
    schema.SubGraphStartTensorsVector(builder, tensors)
    for _ in range(tensors):
        builder.PrependUOffsetTRelative(tensor)
    vector = builder.EndVector()
    schema.SubGraphStart(builder)
    schema.SubGraphAddTensors(builder, vector)
    subgraph = schema.SubGraphEnd(builder)
    schema.ModelStartSubgraphsVector(builder, subgraphs)
    for _ in range(subgraphs):
        builder.PrependUOffsetTRelative(subgraph)
    vector = builder.EndVector()
    schema.ModelStart(builder)
    schema.ModelAddVersion(builder, 3)
    schema.ModelAddSubgraphs(builder, vector)
    builder.Finish(schema.ModelEnd(builder), b"TFL3")
    return bytes(builder.Output())


def relu(name: str, shape: tuple[int, ...]) -> bytes:
    tensors = [Tensor(n, shape, "int8", Quantization((0.1,), (0,))) for n in (name, "y")]
    return single_op.pack(tensors, [Node("RELU", (name,), ("y",), {})], [name], ["y"])


FILES: dict[str, Callable[[], bytes]] = {
    "one name for 4,000 tensors": lambda: shared(4000, 1, 1_000_000),
    "one tensor 250,000 times": lambda: shared(250_000, 1, 8),
    "one subgraph 2,000 times": lambda: shared(2000, 2000, 8),
    "a giant name": lambda: relu("x" * 20_000_000, (1, 16)),
    "a giant shape": lambda: relu("x", (1, 1 << 15, 1 << 14)),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_takes_a_multiple_of_its_size(what: str, tmp_path: Path) -> None:
    data = FILES[what]()
    file = tmp_path / "m.tflite"
    file.write_bytes(data)
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, timeout=300, check=True
    )
    code, memory, seconds = ended.stdout.split()
    assert int(code) in (0, 2)
    # macOS counts in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(memory) * unit < 20 * len(data) + 500_000_000
    assert float(seconds) < SECONDS
