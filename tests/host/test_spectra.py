# SPDX-License-Identifier: Apache-2.0
"""Spectra and what is made of them, in C, against scipy, numpy and librosa in floating point.

mel_librosa.npz is librosa.filters.mel of librosa 0.11 in float64: of (sr=16000, n_fft=512, n_mels=40),
(sr=16000, n_fft=512, n_mels=26, fmin=80, fmax=7600, htk=True, norm=None), (sr=1000, n_fft=256, n_mels=12,
fmin=10, fmax=400).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.block_programs import LSB, both, chain, decibels, stream
from tinyedge import blocks
from tinyedge.blocks import mel
from tinyedge.errors import UsageError
from tinyedge.graph import Array

BOUND = 60.0
"""dB of a spectrum over its error."""


def sounds(rows: int, channels: int) -> Array:
    """Runs [8, 1, rows, channels]: noise, tones, steps, a pulse; as loud as int16 can be, and one step."""
    rng = np.random.default_rng(5)
    t = np.arange(rows)
    runs = [
        rng.integers(-32768, 32768, rows),
        np.rint(32767 * np.sin(0.2 * t)),
        np.where(t // 7 % 2, 32767, -32768),
        np.full(rows, -32768),
        np.rint(5000 * np.sin(0.37 * t)) + rng.normal(0, 3, rows),
        np.rint(1.2 * np.sin(0.3 * t)),
        rng.integers(-1, 2, rows),
        64 * np.eye(1, rows, rows // 2)[0],
    ]
    sound = np.stack([np.roll(np.array(runs), channel, axis=0) for channel in range(channels)], axis=-1)
    return sound.astype(np.int16)[:, None]


FRAMES: list[tuple[dict[str, Any], int, int]] = [
    ({}, 512, 1),
    ({"window": "boxcar"}, 64, 3),
    ({"window": "blackmanharris"}, 4096, 1),
    ({"rows": 40, "step": 20, "size": 1024, "window": "flattop"}, 100, 2),
    ({"window": "hamming"}, 13, 1),
]


def certain(magnitudes: Array) -> Array:
    """Those whose logarithms tell: of [runs, ...] the ones of 2^8 steps, within 50 dB of the largest.

    The window has 15 fraction bits, so 97 dB below a loud tone there is something that the reference lacks.
    """
    largest = magnitudes.max(axis=tuple(range(1, magnitudes.ndim)), keepdims=True)
    found: Array = (magnitudes > LSB) & (magnitudes > largest * 10**-2.5)
    return found


@pytest.mark.parametrize(("keys", "rows", "channels"), FRAMES)
def test_spectra_keep_60_db_however_quiet(
    tmp_path: Path, keys: dict[str, Any], rows: int, channels: int
) -> None:
    samples = sounds(rows, channels)
    got, wanted = both("fft", keys, samples, tmp_path)
    size = keys.get("size", 1 << max(3, (rows - 1).bit_length()))
    got, wanted = (x.reshape(len(samples), -1, channels, size // 2 + 1, 2) for x in (got, wanted))
    for run in range(len(samples)):
        for channel in range(channels):
            spectrum = got[run, :, channel], wanted[run, :, channel]
            assert decibels(*spectrum) >= BOUND, (run, channel)


def test_magnitudes_keep_60_db_and_levels_a_step(tmp_path: Path) -> None:
    samples = sounds(256, 2)
    (tmp_path / "m").mkdir()
    got, wanted = both("spectrum", {"output": "magnitude"}, samples, tmp_path / "m")
    assert all(decibels(g, w) >= BOUND for g, w in zip(got, wanted, strict=True))
    sure = certain(wanted)
    assert sure.mean() > 0.3
    for output, step, neper in (("decibel", 2.0**-7, 20 / np.log(10)), ("natural", 2.0**-9, 2)):
        (tmp_path / output).mkdir()
        got, wanted = both("spectrum", {"output": output}, samples, tmp_path / output)
        assert np.abs(got - wanted)[sure].max() <= step / 2 + neper * 2.0**-8, output


def test_mel_filters_are_those_of_librosa() -> None:
    golden = np.load(Path(__file__).with_name("mel_librosa.npz"))
    for name, rate, size, keys in (
        ("slaney", 16000.0, 512, {}),
        (
            "htk",
            16000.0,
            512,
            {"filters": 26, "low_hz": 80.0, "high_hz": 7600.0, "scale": "htk", "norm": "none"},
        ),
        ("vibration", 1000.0, 256, {"filters": 12, "low_hz": 10.0, "high_hz": 400.0}),
    ):
        before = blocks.append(stream(size, 1, rate), "fft", blocks.parse("fft", {}), "fft")
        found = mel.weights(mel.Mel.model_validate(keys), before)
        np.testing.assert_allclose(found, golden[name], rtol=1e-9, atol=1e-12)


def test_mel_energies_keep_60_db_and_their_logarithms_a_step(tmp_path: Path) -> None:
    samples = sounds(800, 2)
    frames = ("fft", {"rows": 480, "step": 160})
    keys = {"filters": 40, "low_hz": 20.0}
    (tmp_path / "r").mkdir()
    got, wanted = chain((frames, ("mel", {**keys, "output": "root"})), samples, tmp_path / "r", 16000.0)
    assert got.shape == (8, 3, 80)
    assert all(decibels(g, w) >= BOUND for g, w in zip(got, wanted, strict=True))
    sure = certain(wanted * 10)  # a filter's largest weight is about 1/100
    got, wanted = chain((frames, ("mel", keys)), samples, tmp_path, 16000.0)
    assert sure.mean() > 0.3 and np.abs(got - wanted)[sure].max() <= 2.0**-7


def test_bands_are_the_rms_of_what_is_in_them(tmp_path: Path) -> None:
    t = np.arange(4 * 256) / 1000.0
    tones = 3.0 * np.sin(2 * np.pi * 62.5 * t) + 0.02 * np.sin(2 * np.pi * 250.0 * t)
    samples = np.rint(tones / LSB).astype(np.int16).reshape(4, 1, 256, 1)
    bands = ("bands", {"bands_hz": [[40.0, 100.0], [200.0, 300.0], [0.0, 501.0]]})
    got, wanted = chain((("fft", {}), bands), samples, tmp_path, 1000.0)
    assert all(decibels(g, w) >= BOUND for g, w in zip(got[..., :2].T, wanted[..., :2].T, strict=True))
    (tmp_path / "db").mkdir()
    loud = ("bands", {"bands_hz": [[40.0, 100.0], [200.0, 300.0]], "output": "decibel"})
    levels, decibel = chain((("fft", {}), loud), samples, tmp_path / "db", 1000.0)
    assert np.abs(levels - decibel).max() <= 2.0**-8 + 20 / np.log(10) * 2.0**-8
    # What they mean: 3 / sqrt 2, 0.02 / sqrt 2, and all of it; samples are whole steps.
    np.testing.assert_allclose(got[:, 0, 0], 3 / np.sqrt(2), rtol=1e-3)
    np.testing.assert_allclose(got[:, 0, 1], 0.02 / np.sqrt(2), rtol=2e-2)
    np.testing.assert_allclose(got[:, 0, 2], np.hypot(3, 0.02) / np.sqrt(2), rtol=1e-3)


@pytest.mark.parametrize(
    ("stages", "says"),
    [
        ((("fft", {"rows": 65}),), "frames with rows = 65, step = 65 do not fill the 64"),
        ((("fft", {"rows": 32, "step": 20}),), "step = 20 do not fill"),
        ((("fft", {"size": 96}),), "size = 96 for frames of 64"),
        ((("fft", {"size": 32}),), "size = 32"),
        ((("fft", {"size": 8192}),), "'fft': size: Input should be less than or equal to 4096"),
        ((("fft", {"window": "kaiser"}),), "'fft': window"),
        ((("mel", {}),), "'mel' does not take the rows that 'samples' gives"),
        ((("fft", {}), ("window", {"rows": 8})), "'window' does not take the spectra"),
        ((("fft", {}), ("mel", {"filters": 90})), "filter 0 of filters = 90 holds none"),
        ((("fft", {}), ("mel", {"high_hz": 26.0})), "high_hz = 26 with spectra up to 25 Hz"),
        ((("fft", {}), ("bands", {"bands_hz": [[3.0, 3.1]]})), r"bands_hz \[3.0, 3.1\] holds no bin"),
        ((("spectrum", {"output": "magnitude"}), ("window", {"rows": 8})), "'window' takes int16; 'out0'"),
        ((("normalize", {"zero_point": 3}), ("fft", {})), "'fft' takes a zero point of 0"),
    ],
)
def test_what_does_not_fit_is_one_sentence(stages: tuple[tuple[str, dict[str, Any]], ...], says: str) -> None:
    at = stream(64, 1)
    with pytest.raises(UsageError, match=says) as caught:
        for i, (name, keys) in enumerate(stages):
            at = blocks.append(at, name, blocks.parse(name, keys), f"out{i}")
    assert caught.value.hint and "\n" not in str(caught.value)
