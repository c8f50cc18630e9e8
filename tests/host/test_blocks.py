# SPDX-License-Identifier: Apache-2.0
"""Blocks in C, run after run with their states, against scipy and numpy in floating point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.block_programs import LSB, Program, appended, both, decibels, recording, stream
from tests.conftest import needed
from tinyedge.blocks import Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Quantization, Tensor, verify


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


def test_the_front_end_needs_no_more_than_words(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its scratch has 64-bit sums, and lies where the arena puts it."""
    samples = Tensor("samples", (1, 480, 1), "int16", Quantization((1 / 32768,), (0,)))
    graph = Graph("g", {"samples": samples}, (), ("samples",), ("samples",))
    _, _, after = appended("audio_frontend", {}, Stream(graph, "samples", 16_000.0))
    program = Program(after.graph, tmp_path, ("-fsanitize=alignment",))
    for part in speech_like(0.3, 1)[:4320].reshape(-1, 1, 480, 1):
        assert program.run(part).size
    assert "misaligned" not in capfd.readouterr().err
