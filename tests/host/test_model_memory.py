# SPDX-License-Identifier: Apache-2.0
"""No file makes the tool take more than 20 times its size and 500 MB (`ulimit -v`): not one that refers to
the same bytes again and again, nor one with a giant name, giant shapes, or sizes that only it states."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import single_op
from tests.single_op import Node
from tinyedge import board, ops, passes
from tinyedge import plan as planner
from tinyedge.errors import TinyedgeError
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Case

SECONDS = 30.0
GIANT = (1 << 27) + 1
# Runs `tinyedge check FILE` and what it starts in LIMIT bytes of address space each, which nothing that is
# reserved, mapped or touched escapes; prints what it says, its processor time and its exit code.
LIMITED = """
import resource, subprocess, sys
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
ended = subprocess.run([sys.executable, "-m", "tinyedge", "check", sys.argv[1]], stderr=subprocess.STDOUT)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, ended.returncode)
"""
# What numpy's library reserves for the threads of many cores has nothing to do with a file.
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}


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


INCOMPLETE = "this is not a complete TFLite model"
FILES: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "one name for 4,000 tensors": (lambda: shared(4000, 1, 1_000_000), 2, INCOMPLETE),
    "one tensor 250,000 times": (lambda: shared(250_000, 1, 8), 2, INCOMPLETE),
    "one subgraph 2,000 times": (lambda: shared(2000, 2000, 8), 2, INCOMPLETE),
    "a giant name": (lambda: relu("x" * 20_000_000, (1, 16)), 0, "arena 16 bytes of RAM"),
    "a giant shape": (lambda: relu("x", (1, 1 << 15, 1 << 14)), 2, "dimensions of 1 to 32767 are possible"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit address space")
@pytest.mark.parametrize("what", FILES)
def test_a_file_takes_a_multiple_of_its_size(what: str, tmp_path: Path) -> None:
    make, code, said = FILES[what]
    data = make()
    file = tmp_path / "m.tflite"
    file.write_bytes(data)
    command = [sys.executable, "-c", LIMITED, str(file), str(20 * len(data) + 500_000_000)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True, env=ENVIRONMENT)
    # As without a limit: what lacks memory says so, in other words.
    *shown, last = ended.stdout.splitlines()
    assert any(said in line for line in shown), ended
    assert int(last.split()[1]) == code
    assert float(last.split()[0]) < SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit address space")
def test_the_end_of_memory_is_told(tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(relu("x" * 80_000_000, (1, 16)))
    command = [sys.executable, "-c", LIMITED, str(file), "260000000"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True, env=ENVIRONMENT)
    assert "Traceback" not in ended.stdout and "memory" in ended.stdout, ended.stdout
    assert ended.stdout.split()[-1] == "2"


def _stated(case: Case) -> Iterator[Case]:
    """The case with a giant number in place of each size that it states: in a constant or in a shape."""
    for i, tensor in enumerate(case.inputs):
        if tensor is None:
            continue
        if tensor.data is None:
            shapes = [(*tensor.shape[:d], GIANT, *tensor.shape[d + 1 :]) for d in range(1, len(tensor.shape))]
            made = [replace(tensor, shape=shape) for shape in shapes]
        elif tensor.dtype in ("int32", "int64") and tensor.size <= 8:
            values = [
                np.where(np.arange(tensor.size) == at, GIANT, tensor.data.reshape(-1))
                for at in range(tensor.size)
            ]
            made = [replace(tensor, data=v.reshape(tensor.shape).astype(tensor.dtype)) for v in values]
        else:
            made = []
        yield from (replace(case, inputs=(*case.inputs[:i], t, *case.inputs[i + 1 :])) for t in made)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit address space")
def test_a_size_that_only_the_file_states_takes_nothing() -> None:
    """RESIZE_BILINEAR computed 7 GB of weights for a height in 552 bytes; a state of SVDF took its zeros."""
    import resource

    host, tried = board.load("host"), 0
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 100_000_000, before[1]))
    try:
        for case in {
            c.operator: c for operator in ops.operators().values() for c in operator.cases()
        }.values():
            for giant in _stated(case):
                tried += 1
                with contextlib.suppress(TinyedgeError):  # but no MemoryError
                    planner.plan(passes.optimize(tflite.lower(single_op.single(giant), "giant")), host)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert tried > 200
