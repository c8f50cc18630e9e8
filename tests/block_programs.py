# SPDX-License-Identifier: Apache-2.0
"""Takes blocks and samples, gives what their C makes of them, run after run, and what references say."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import lacking
from tinyedge import blocks, ops, paths
from tinyedge.blocks import Block, Parameters, Stream
from tinyedge.graph import Array, Graph, Quantization, Tensor, verify
from tinyedge.ops import Argument, Call, Constant, Output, Scratch, State

RATE = 50.0
LSB = 1 / 1024  # physical units of a step
FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O2", "-shared", "-fPIC")


def stream(hop: int, channels: int, rate_hz: float | None = RATE) -> Stream:
    samples = Tensor("samples", (1, hop, channels), "int16", Quantization((LSB,), (0,)))
    graph = Graph("g", {"samples": samples}, (), ("samples",), ("samples",))
    return Stream(graph, "samples", rate_hz, None if rate_hz is None else rate_hz / hop)


def appended(name: str, keys: dict[str, Any], before: Stream) -> tuple[Block, Parameters, Stream]:
    block, wanted = blocks.lookup(name), blocks.parse(name, keys)
    return block, wanted, blocks.append(before, name, wanted, "out")


class Program:
    """The operators of a graph, each kernel compiled alone, with states kept from run to run."""

    def __init__(self, graph: Graph, folder: Path, flags: tuple[str, ...] = ()) -> None:
        if shutil.which("gcc") is None:
            lacking("gcc is not on PATH (apt-get install gcc)")
        self._graph = graph
        self._states = {name: initial.copy() for name, initial in graph.states.items()}
        self._calls: list[Call] = []
        for op in graph.ops:
            calls = ops.lookup(op.kind).calls
            assert calls is not None and ops.lookup(op.kind).infer(graph, op) == (graph.output(op).shape,)
            self._calls += calls(graph, op, "litert")
        sources = [_source(i, call) for i, call in enumerate(self._calls)]
        for i, source in enumerate(sources):
            (folder / f"k{i}.c").write_text(source)
        command = ["gcc", *FLAGS, *flags, f"-I{paths.firmware()}", *(f"k{i}.c" for i in range(len(sources)))]
        command += ["-o", "k.so"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        self._library = ctypes.CDLL(str(folder / "k.so"))

    def run(self, samples: Array) -> Array:
        """One run: integers in, the integers of the last operator out."""
        return self.run_all({self._graph.inputs[0]: samples})[self._graph.ops[-1].outputs[0]]

    def run_all(self, inputs: dict[str, Array]) -> dict[str, Array]:
        """One run: the inputs by name, and every tensor with what it then holds."""
        values = {name: np.ascontiguousarray(array) for name, array in inputs.items()}
        for i, call in enumerate(self._calls):
            arrays = [self._array(argument, values) for argument in call.arguments]
            self._library[f"run{i}"](*(ctypes.c_void_p(array.ctypes.data) for array in arrays))
        return values

    def _array(self, argument: Argument, values: dict[str, Array]) -> Array:
        if isinstance(argument, Constant):
            return np.ascontiguousarray(argument.data)
        if isinstance(argument, Scratch):
            # At an odd multiple of 4 bytes, of which an arena promises no more.
            words = np.full(-(-argument.bytes // 4) + 4, -1, np.int32)
            values[f" {argument.name}"] = words[1 - words.ctypes.data // 4 % 2 :]
            return values[f" {argument.name}"]
        if isinstance(argument, State):
            return self._states[argument.name]
        if isinstance(argument, Output):
            target = self._graph.tensors[argument.name]
            values[argument.name] = np.full(target.shape, 85, target.dtype)
        return values[argument.name]


def _source(i: int, call: Call) -> str:
    """C that calls a kernel with its parameters as constants."""
    fields = ", ".join(
        f".{key} = {{{', '.join(map(str, value))}}}" if isinstance(value, tuple) else f".{key} = {value}"
        for key, value in call.params.items()
    )
    pointers = ", ".join(f"void *a{k}" for k in range(len(call.arguments)))
    passed = ", ".join(f"a{k}" for k in range(len(call.arguments)))
    return (
        f'#define TE_KERNEL static inline\n#include "kernels/portable/{call.kernel}.c"\n'
        f"void run{i}({pointers});\nvoid run{i}({pointers}) {{\n"
        f"    static const te_{call.contract} p = {{{fields}}};\n"
        f"    te_{call.kernel}_portable(&p, {passed});\n}}\n"
    )


def recording(runs: int, hop: int, channels: int, seed: int) -> Array:
    """A loud mixture of tones, steps and noise in int16."""
    rng = np.random.default_rng(seed)
    t = np.arange(runs * hop)[:, None]
    tones = np.sin(t * rng.uniform(0.01, 1.5, channels)) * 9000 + np.sign(np.sin(t * 0.05)) * 6000
    noise = rng.normal(0, 2500, (runs * hop, channels))
    samples: Array = np.clip(tones + noise, -32768, 32767).astype(np.int16)
    return samples.reshape(runs, 1, hop, channels)


def both(
    name: str, keys: dict[str, Any], samples: Array, folder: Path, rate: float | None = RATE
) -> tuple[Array, Array]:
    """What the C gives and what the reference gives, in real values [runs, ...]."""
    return chain(((name, keys),), samples, folder, rate)


def chain(
    stages: tuple[tuple[str, dict[str, Any]], ...], samples: Array, folder: Path, rate: float | None = RATE
) -> tuple[Array, Array]:
    """The same of several blocks, one behind another, each reference on what the one before gives."""
    at = stream(samples.shape[2], samples.shape[3], rate)
    wanted = samples[:, 0] * LSB
    for i, (name, keys) in enumerate(stages):
        block, given = blocks.lookup(name), blocks.parse(name, keys)
        assert block.reference is not None
        wanted = block.reference(wanted, given, at)
        at = blocks.append(at, name, given, f"out{i}")
    verify(at.graph)
    program = Program(at.graph, folder)
    got: Array = np.stack([program.run(run)[0] for run in samples])
    quantization = at.last.quantization
    assert quantization is not None
    return (got.astype(np.float64) - quantization.zero_point[0]) * quantization.scale, wanted


def decibels(got: Array, wanted: Array) -> float:
    """Power of what is wanted over that of the difference."""
    error = float(((got - wanted) ** 2).sum())
    return float(10 * np.log10((wanted**2).sum() / error)) if error else np.inf
