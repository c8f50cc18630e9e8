# SPDX-License-Identifier: Apache-2.0
"""Blocks in C, run after run with their states, against scipy and numpy in floating point."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import lacking, needed
from tinyedge import blocks, ops, paths
from tinyedge.blocks import Block, Parameters, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Quantization, Tensor, verify
from tinyedge.ops import Argument, Call, Constant, Output, Scratch, State

RATE = 50.0
LSB = 1 / 1024  # physical units of a step
FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O2", "-shared", "-fPIC")


def stream(hop: int, channels: int, rate_hz: float | None = RATE) -> Stream:
    samples = Tensor("samples", (1, hop, channels), "int16", Quantization((LSB,), (0,)))
    return Stream(Graph("g", {"samples": samples}, (), ("samples",), ("samples",)), "samples", rate_hz)


def appended(name: str, keys: dict[str, Any], before: Stream) -> tuple[Block, Parameters, Stream]:
    block, wanted = blocks.lookup(name), blocks.parse(name, keys)
    return block, wanted, block.append(before, wanted, "out")


class Program:
    """The operators of a graph, each kernel compiled alone, with states kept from run to run."""

    def __init__(self, graph: Graph, folder: Path) -> None:
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
        command = ["gcc", *FLAGS, f"-I{paths.firmware()}", *(f"k{i}.c" for i in range(len(sources)))]
        command += ["-o", "k.so"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        self._library = ctypes.CDLL(str(folder / "k.so"))

    def run(self, samples: Array) -> Array:
        """One run: integers in, the integers of the last operator out."""
        values: dict[str, Array] = {self._graph.inputs[0]: np.ascontiguousarray(samples)}
        for i, call in enumerate(self._calls):
            arrays = [self._array(argument, values) for argument in call.arguments]
            self._library[f"run{i}"](*(ctypes.c_void_p(array.ctypes.data) for array in arrays))
        return values[self._graph.ops[-1].outputs[0]]

    def _array(self, argument: Argument, values: dict[str, Array]) -> Array:
        if isinstance(argument, Constant):
            return np.ascontiguousarray(argument.data)
        if isinstance(argument, Scratch):
            values[f" {argument.name}"] = np.full(argument.bytes // 8 + 1, -1, np.int64)
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
    name: str, keys: dict[str, Any], samples: Array, folder: Path, rate: float = RATE
) -> tuple[Array, Array]:
    """What the C gives and what the reference gives, in real values [runs, ...]."""
    before = stream(samples.shape[2], samples.shape[3])
    block, wanted, after = appended(name, keys, before)
    verify(after.graph)
    assert block.reference is not None
    program = Program(after.graph, folder)
    got: Array = np.stack([program.run(run)[0] for run in samples])
    target = after.last
    assert target.quantization is not None
    real = (got.astype(np.float64) - target.quantization.zero_point[0]) * target.quantization.scale
    return real, block.reference(samples[:, 0] * LSB, wanted, before)


def decibels(got: Array, wanted: Array) -> float:
    """Power of what is wanted over that of the difference."""
    return float(10 * np.log10((wanted**2).sum() / ((got - wanted) ** 2).sum()))


@pytest.mark.parametrize(("hop", "rows"), [(4, 25), (10, 20), (7, 9)])
def test_a_window_is_exact(tmp_path: Path, hop: int, rows: int) -> None:
    got, wanted = both("window", {"rows": rows}, recording(12, hop, 3, 1), tmp_path)
    np.testing.assert_array_equal(got, wanted)


def test_a_window_of_one_run_is_no_operator() -> None:
    assert not appended("window", {"rows": 4}, stream(4, 3))[2].graph.ops


@pytest.mark.parametrize(
    ("mean", "deviation", "dtype", "scale", "zero_point"),
    [
        ((0.5, -20.0, 3.0), (2.0, 31.0, 0.01), "int8", 0.03, -7),
        (0.0, 1.0, "int16", 1 / 512, 0),
        ((1000.0, 0.0, -1000.0), 1e-6, "int8", 0.5, 127),
        ((0.0, 0.0, 0.0), (1e6, 1e-3, 1.0), "int16", 1e-4, 0),
    ],
)
def test_normalising_is_within_half_a_step(
    tmp_path: Path, mean: Any, deviation: Any, dtype: str, scale: float, zero_point: int
) -> None:
    keys = {"mean": mean, "deviation": deviation, "dtype": dtype, "scale": scale, "zero_point": zero_point}
    got, wanted = both("normalize", keys, recording(40, 8, 3, 2), tmp_path)
    limits = np.iinfo(dtype)
    inside = np.clip(wanted, (limits.min - zero_point) * scale, (limits.max - zero_point) * scale)
    assert np.abs(got - inside).max() <= scale * (0.5 + 2.0**-15)


FILTERS: list[dict[str, Any]] = [
    {"type": "lowpass", "cutoff_hz": 5.0},
    {"type": "lowpass", "cutoff_hz": 0.2, "order": 4},
    {"type": "highpass", "cutoff_hz": 0.3},
    {"type": "bandpass", "cutoff_hz": [2.0, 8.0], "order": 3},
    {"type": "bandstop", "cutoff_hz": [9.0, 11.0], "order": 1},
    {"type": "lowpass", "cutoff_hz": 24.0, "order": 8},
]


@pytest.mark.parametrize("keys", FILTERS, ids=lambda keys: f"{keys['type']}{keys.get('order', 2)}")
def test_filters_keep_60_db(tmp_path: Path, keys: dict[str, Any]) -> None:
    got, wanted = both("filter", keys, recording(500, 4, 2, 3), tmp_path)
    assert np.abs(wanted).max() < 32, "the case must not saturate"
    assert decibels(got, wanted) >= 60
    assert np.abs(got - wanted).max() <= LSB


def test_a_filter_saturates_and_recovers(tmp_path: Path) -> None:
    square = np.where(np.arange(800) // 40 % 2, 32767, -32768).astype(np.int16)
    got, wanted = both(
        "filter", {"type": "highpass", "cutoff_hz": 0.3}, square.reshape(200, 1, 4, 1), tmp_path
    )
    assert got.max() == 32767 * LSB and np.abs(wanted).max() > 32
    assert np.abs(got - np.clip(wanted, -32, 32767 * LSB)).max() <= LSB


def test_statistics_are_within_one_step(tmp_path: Path) -> None:
    features = ["mean", "deviation", "rms", "minimum", "maximum", "peak_to_peak", "zero_crossings"]
    samples = recording(60, 25, 3, 4)
    samples[3] = 32767
    samples[4] = -32768
    samples[5, 0, ::2], samples[5, 0, 1::2] = -32768, 32767
    samples[6, :, :, 1] = 0
    got, wanted = both("statistics", {"features": features}, samples, tmp_path)
    step = np.tile([LSB] * 6 + [1.0], 3)
    clipped = np.clip(wanted, -32768 * step, 32767 * step)
    assert (np.abs(got - clipped) <= step * (0.5 + 1 / 25)).all()
    exact = np.tile([False, False, False, True, True, True, True], 3)
    np.testing.assert_array_equal(got[:, exact], clipped[:, exact])


@pytest.mark.parametrize(
    ("name", "keys", "says"),
    [
        ("wavelet", {}, "there is no block 'wavelet'"),
        ("window", {"rows": 3}, "a window of 3 rows drops some of the 4"),
        ("window", {}, "block 'window': rows: Field required"),
        ("window", {"rows": 8, "hop": 2}, "block 'window': hop: Extra inputs"),
        ("normalize", {"mean": [1.0]}, "mean has 1 numbers, the stream 3 channels"),
        ("normalize", {"deviation": 0.0}, "a deviation is 0"),
        ("filter", {"type": "lowpass", "cutoff_hz": 25.0}, "cutoff_hz = 25"),
        ("filter", {"type": "bandpass", "cutoff_hz": 5.0}, "for a bandpass"),
        ("filter", {"type": "bandpass", "cutoff_hz": [8.0, 2.0]}, "for a bandpass"),
        ("statistics", {"features": []}, "features \\[\\] of 4 rows"),
        ("statistics", {"features": ["median"]}, "block 'statistics': features.0"),
    ],
)
def test_what_is_wrong_with_a_block_is_one_sentence(name: str, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        appended(name, keys, stream(4, 3))
    assert caught.value.hint and "\n" not in str(caught.value)


def test_a_filter_needs_a_rate() -> None:
    with pytest.raises(UsageError, match="needs the rate"):
        appended("filter", FILTERS[0], stream(4, 3, None))


def speech_like(seconds: float, seed: int) -> Array:
    """int16 [n]: harmonics that glide, bursts of noise, silence, and clipping."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * 16_000)) / 16_000
    pitch = 2 * np.pi * np.cumsum(120 + 60 * np.sin(2 * np.pi * 1.3 * t)) / 16_000
    voice = sum(np.sin(k * pitch) / k for k in range(1, 12)) * (np.sin(2 * np.pi * 2.1 * t) > -0.2)
    noise = rng.normal(0, 1, t.size) * (np.sin(2 * np.pi * 0.7 * t) > 0.5)
    loud = 10.0 ** rng.uniform(-1, 4.8)
    sound: Array = np.clip((voice + noise) * loud, -32768, 32767).astype(np.int16)
    return sound


@pytest.mark.parametrize("hop", [160, 480])
def test_the_audio_front_end_equals_the_one_of_tflm(tmp_path: Path, hop: int) -> None:
    """The oracle is the TFLM front end itself, as PyPI's pymicro-features wraps it."""
    features = needed("pymicro_features", "pip install pymicro-features")
    samples = Tensor("samples", (1, hop, 1), "int16", Quantization((1 / 32768,), (0,)))
    before = Stream(Graph("g", {"samples": samples}, (), ("samples",), ("samples",)), "samples", 16_000.0)
    _, _, after = appended("audio_frontend", {}, before)
    verify(after.graph)
    parts = [speech_like(2.0, seed) for seed in range(4)]
    sound = np.concatenate([*parts, np.zeros(4800, np.int16), np.full(4800, -32768, np.int16)])
    sound = sound[: len(sound) // hop * hop]
    program = Program(after.graph, tmp_path)
    got = np.concatenate([program.run(part)[0] for part in sound.reshape(-1, 1, hop, 1)])
    frontend = features.MicroFrontend()
    wanted = []
    for start in range(0, len(sound), 160):
        made = frontend.process_samples(sound[start : start + 160].tobytes())
        wanted.append(made.features or [0.0] * 40)
    np.testing.assert_array_equal(got * 0.0390625, np.array(wanted))
    assert len(np.unique(got)) > 300
