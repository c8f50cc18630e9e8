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

from tests.conftest import lacking
from tinyedge import blocks, ops, paths
from tinyedge.blocks import Block, Parameters, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Quantization, Tensor, verify
from tinyedge.ops import Call, Constant, Input, Output, State

RATE = 50.0
LSB = 1 / 1024  # physical units of a step
FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-O2", "-shared", "-fPIC")


def stream(hop: int, channels: int, rate_hz: float | None = RATE) -> Stream:
    samples = Tensor("samples", (1, hop, channels), "int16", Quantization((LSB,), (0,)))
    return Stream(Graph("g", {"samples": samples}, (), ("samples",), ("samples",)), "samples", rate_hz)


def appended(name: str, keys: dict[str, Any], before: Stream) -> tuple[Block, Parameters, Stream]:
    block, wanted = blocks.lookup(name), blocks.parse(name, keys)
    return block, wanted, block.append(before, wanted, "out")


class Kernel:
    """One call of a block, compiled alone, with its state kept between runs."""

    def __init__(self, call: Call, graph: Graph, folder: Path) -> None:
        self._call, self._graph = call, graph
        self._states = {name: initial.copy() for name, initial in graph.states.items()}
        fields = ", ".join(
            f".{key} = {{{', '.join(map(str, value))}}}" if isinstance(value, tuple) else f".{key} = {value}"
            for key, value in call.params.items()
        )
        pointers = ", ".join(f"void *a{i}" for i in range(len(call.arguments)))
        passed = ", ".join(f"a{i}" for i in range(len(call.arguments)))
        (folder / "k.c").write_text(
            f'#include "kernels/portable/{call.kernel}.c"\nvoid run({pointers});\n'
            f"void run({pointers}) {{\n    static const te_{call.contract} p = {{{fields}}};\n"
            f"    te_{call.kernel}_portable(&p, {passed});\n}}\n"
        )
        command = ["gcc", *FLAGS, f"-I{paths.firmware()}", "k.c", "-o", "k.so"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        self._run = ctypes.CDLL(str(folder / "k.so")).run

    def run(self, samples: Array) -> Array:
        """One run: integers in, integers out."""
        given: Array = np.ascontiguousarray(samples)
        out: Array = given
        pointers = []
        for argument in self._call.arguments:
            if isinstance(argument, Constant):
                array = argument.data
            elif isinstance(argument, Input):
                array = given
            elif isinstance(argument, State):
                array = self._states[argument.name]
            else:
                assert isinstance(argument, Output)
                target = self._graph.tensors[argument.name]
                out = np.full(target.shape, 85, target.dtype)
                array = out
            pointers.append(ctypes.c_void_p(array.ctypes.data))
        self._run(*pointers)
        return out


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
    if shutil.which("gcc") is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    before = stream(samples.shape[2], samples.shape[3])
    block, wanted, after = appended(name, keys, before)
    verify(after.graph)
    (op,) = after.graph.ops
    assert ops.lookup(op.kind).infer(after.graph, op) == (after.last.shape,)
    calls = ops.lookup(op.kind).calls
    assert calls is not None and block.reference is not None
    (call,) = calls(after.graph, op, "litert")
    kernel = Kernel(call, after.graph, folder)
    got: Array = np.stack([kernel.run(run)[0] for run in samples])
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
