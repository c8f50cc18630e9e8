# SPDX-License-Identifier: Apache-2.0
"""Blocks over samples and features, in C, against scipy and numpy in floating point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.block_programs import LSB, appended, both, chain, decibels, recording, stream
from tinyedge import blocks
from tinyedge.errors import UsageError
from tinyedge.graph import Array

FIRS: list[dict[str, Any]] = [
    {"taps": 31, "cutoff_hz": 5.0},
    {"taps": 101, "cutoff_hz": 2.0, "type": "highpass", "window": "blackman"},
    {"taps": 64, "cutoff_hz": [4.0, 11.0], "type": "bandpass"},
    {"coefficients": [0.5, -0.25, 0.001]},
    {"coefficients": [1.0]},
]


@pytest.mark.parametrize("keys", FIRS, ids=lambda keys: str(keys.get("taps")))
def test_fir_filters_keep_60_db_and_a_step(tmp_path: Path, keys: dict[str, Any]) -> None:
    got, wanted = both("fir", keys, recording(200, 4, 2, 3), tmp_path)
    assert np.abs(wanted).max() < 32, "the case must not saturate"
    assert decibels(got, wanted) >= 60
    # Half a step, and what 15 bits of a coefficient leave of a full sample.
    assert np.abs(got - wanted).max() <= LSB * (0.5 + keys.get("taps", 2) / 4)


def test_a_fir_filter_saturates(tmp_path: Path) -> None:
    got, wanted = both("fir", {"coefficients": [3.0, 2.0]}, recording(50, 4, 2, 3), tmp_path)
    assert np.abs(wanted).max() > 32
    assert np.abs(got - np.clip(wanted, -32, 32 - LSB)).max() <= LSB


@pytest.mark.parametrize("keys", [{"factor": 5}, {"factor": 2, "taps": 8}])
def test_decimation_keeps_60_db(tmp_path: Path, keys: dict[str, int]) -> None:
    samples = recording(100, 20, 3, 6) // 2
    got, wanted = both("decimate", keys, samples, tmp_path)
    assert got.shape == (100, 20 // keys["factor"], 3)
    assert decibels(got, wanted) >= 60 and np.abs(got - wanted).max() <= LSB


def test_magnitudes_are_within_half_a_step(tmp_path: Path) -> None:
    samples = recording(20, 8, 6, 7)
    samples[0], samples[1], samples[2] = -32768, 32767, 1
    for axes, columns in ((3, 6), (2, 6), (4, 4)):
        (tmp_path / str(axes)).mkdir()
        got, wanted = both("magnitude", {"axes": axes}, samples[..., :columns], tmp_path / str(axes))
        step = LSB * np.sqrt(axes)
        assert np.abs(got - np.minimum(wanted, 32767 * step)).max() <= step * (0.5 + 1e-9)


@pytest.mark.parametrize("rows", [2, 25, 4096])
def test_detrending_is_within_half_a_step(tmp_path: Path, rows: int) -> None:
    samples = recording(6, rows, 2, 8)
    samples[0] = np.linspace(-32768, 32767, rows).astype(np.int16)[:, None]
    samples[1] = -32768
    samples[2, 0, ::2], samples[2, 0, 1::2] = -32768, 32767
    for kind in ("constant", "linear"):
        (tmp_path / kind).mkdir()
        got, wanted = both("detrend", {"type": kind}, samples, tmp_path / kind)
        assert np.abs(got - np.clip(wanted, -32, 32 - LSB)).max() <= LSB * (0.5 + 2.0**-9)


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy, of the kurtosis of a constant
@pytest.mark.parametrize("rows", [2, 25, 1000, 32767])
def test_moments_are_within_their_bounds(tmp_path: Path, rows: int) -> None:
    """Variance and crest factor within a step, a kurtosis within one or 0.2 %."""
    samples = recording(8, rows, 2, 9)
    samples[0] = 7
    samples[1] = 0
    samples[2] = -32768
    samples[3], samples[3, 0, -1] = 1, 3
    samples[4] = np.where(np.arange(rows) % 2, 32767, -32768)[:, None]
    samples[5], samples[5, 0, rows // 2] = 0, -1
    samples[6] = np.random.default_rng(1).standard_t(3, (rows, 2)).clip(-8, 8) * 4000
    keys = {"features": ["variance", "kurtosis", "crest_factor"], "variance_bits": 15}
    got, wanted = both("statistics", keys, samples, tmp_path)
    got, wanted = got.reshape(8, 2, 3), np.nan_to_num(wanted.reshape(8, 2, 3))
    steps = np.array([LSB**2 * 2**15, 2.0**-8, 2.0**-7])
    wanted = np.minimum(wanted, 32767 * steps)
    wanted[:3, :, 1] = 0  # of a constant: none
    bound = np.maximum(steps, [0, 0.002, 0] * wanted)
    assert (np.abs(got - wanted) <= bound).all()
    assert (got[6] > 0).all()


def test_a_quiet_variance_has_finer_steps(tmp_path: Path) -> None:
    samples = recording(20, 25, 1, 4) // 256
    got, wanted = both("statistics", {"features": ["variance"], "variance_bits": 0}, samples, tmp_path)
    assert np.abs(got - wanted).max() <= LSB**2 / 2 and wanted.max() > 100 * LSB**2


def levels(rows: int, columns: int) -> Array:
    """int16 [20, 1, rows, columns] such as a filter bank gives, and extremes."""
    rng = np.random.default_rng(2)
    values = np.cumsum(rng.normal(0, 900, (20, 1, rows, columns)), axis=-1) - 9000
    values[3], values[4] = -32768, 32767
    return values.clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize("keys", [{}, {"coefficients": 20, "lifter": 22}])
def test_cepstra_are_within_a_step(tmp_path: Path, keys: dict[str, int]) -> None:
    quantization = appended("mfcc", keys, stream(3, 40))[2].last.quantization
    assert quantization is not None
    got, wanted = both("mfcc", keys, levels(3, 40), tmp_path)
    assert decibels(got, wanted) >= 60
    assert (np.abs(got - wanted) <= np.array(quantization.scale)).all()


@pytest.mark.parametrize("width", [3, 9, 255])
def test_deltas_are_within_half_a_step(tmp_path: Path, width: int) -> None:
    got, wanted = both("delta", {"width": width}, levels(3, 13), tmp_path)
    assert got.shape == (20, 3, 26)
    np.testing.assert_array_equal(got[..., :13], wanted[..., :13])
    assert np.abs(got - np.clip(wanted, -32, 32 - LSB)).max() <= LSB * (0.5 + 1e-9)


@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_magnitudes_of_spectra_are_normalised(tmp_path: Path, dtype: str) -> None:
    samples = recording(10, 64, 2, 2)
    scale = 2.0**-4 if dtype == "int8" else 2.0**-11
    stages = (
        ("spectrum", {"output": "magnitude"}),
        ("normalize", {"mean": 20.0, "deviation": 30.0, "dtype": dtype, "scale": scale}),
    )
    got, wanted = chain(stages, samples, tmp_path)
    limits = np.iinfo(dtype)
    assert np.abs(got - np.clip(wanted, limits.min * scale, limits.max * scale)).max() <= scale * 0.6


def test_centroid_and_peak_are_within_a_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    t = np.arange(12 * 256) / 1000.0
    sound = 3000 * np.sin(2 * np.pi * 40 * t * (1 + t)) + rng.normal(0, 50, t.size)
    samples = np.rint(sound).astype(np.int16).reshape(12, 1, 256, 1)
    samples[5] = 0
    for keys in ({}, {"features": ["peak", "centroid"], "low_hz": 60.0, "high_hz": 300.0}):
        (tmp_path / str(len(keys))).mkdir()
        got, wanted = chain((("fft", {}), ("spectral", keys)), samples, tmp_path / str(len(keys)), 1000.0)
        step = 1000 / 256 / 2 ** np.floor(np.log2(32767 / (128 if not keys else 76)))
        assert np.abs(got - wanted).max() <= step * 0.6
        assert (got[5] == 0).all()


@pytest.mark.parametrize(
    ("name", "keys", "says"),
    [
        ("fir", {}, "needs taps and cutoff_hz"),
        ("fir", {"taps": 5, "cutoff_hz": 25.0}, "cutoff_hz = 25.0 for a lowpass at 50 Hz"),
        ("fir", {"taps": 4, "cutoff_hz": 5.0, "type": "highpass"}, "taps = 4 for a highpass"),
        ("fir", {"taps": 4, "coefficients": [1.0]}, "both coefficients and a design"),
        ("fir", {"coefficients": [0.0]}, "coefficients are all 0"),
        ("decimate", {"factor": 3}, "factor = 3 of the 4 rows"),
        ("decimate", {"factor": 1}, "'decimate': factor: Input should be greater"),
        ("magnitude", {"axes": 4}, "axes = 4 of 3 columns"),
        ("delta", {"width": 4}, "width = 4"),
        ("mfcc", {}, "coefficients = 13 of 3 columns"),
        ("statistics", {"variance_bits": 16}, "'statistics': variance_bits"),
        ("spectral", {}, "does not take the rows"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name: str, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        blocks.append(stream(4, 3), name, blocks.parse(name, keys), "out")
    assert caught.value.hint and "\n" not in str(caught.value)
