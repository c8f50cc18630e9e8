# SPDX-License-Identifier: Apache-2.0
"""Takes motions, gives how far blocks of samples are from scipy and numpy on them, beside their bounds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.block_programs import LSB, appended, chain, decibels, stream
from tests.kept_back.signals import CHANNELS, ROWS
from tinyedge.graph import Array

Stages = tuple[tuple[str, dict[str, Any]], ...]
Judged = Iterator[tuple[str, bool]]
"""What is printed of a block, and whether it is within its bound."""
BOUND_DB = 60.0
DECIBELS: Mapping[str, Stages] = {
    "filter, lowpass": (("filter", {"type": "lowpass", "cutoff_hz": 3.0, "order": 4}),),
    "filter, bandpass": (("filter", {"type": "bandpass", "cutoff_hz": [1.0, 6.0], "order": 3}),),
    "filter, highpass": (("filter", {"type": "highpass", "cutoff_hz": 0.3}),),
    "filter, bandstop": (("filter", {"type": "bandstop", "cutoff_hz": [9.0, 11.0], "order": 1}),),
    "fir": (("fir", {"taps": 47, "cutoff_hz": 7.0}),),
    "decimate": (("decimate", {"factor": 4}),),
    "fft": (("fft", {"rows": 64, "size": 128}),),
    "spectrum, magnitude": (("spectrum", {"output": "magnitude"}),),
    "mel, root": (("fft", {}), ("mel", {"filters": 6, "output": "root"})),
    "bands, rms": (("fft", {}), ("bands", {"bands_hz": [[0.0, 5.0], [5.0, 20.0]]})),
}
"""Chains whose bound is that of spectra and filters: decibels over the error, or a step of a sample."""
SCALED = {"mean": [0.5, -2.0, 1.0], "deviation": [2.0, 9.0, 0.3]}
STEPS: Mapping[str, tuple[Stages, float]] = {
    "window": ((("window", {"rows": 100}),), 0.0),
    "magnitude": ((("magnitude", {"axes": 3}),), 0.5),
    "normalize": ((("normalize", SCALED),), 0.5 + 2.0**-15),
    "normalize to int8": (
        (("normalize", {**SCALED, "dtype": "int8", "scale": 0.03, "zero_point": -7}),),
        0.5 + 2.0**-15,
    ),
    "delta": ((("delta", {"width": 9}),), 0.5 + 1e-9),
    "detrend, constant": ((("detrend", {"type": "constant"}),), 0.5 + 2.0**-9),
    "detrend, linear": ((("detrend", {"type": "linear"}),), 0.5 + 2.0**-9),
    "statistics": (
        (("statistics", {"features": ["mean", "deviation", "rms", "minimum", "maximum"]}),),
        0.5 + 1 / 64,
    ),
    "statistics, counts": (
        (("statistics", {"features": ["minimum", "maximum", "peak_to_peak", "zero_crossings"]}),),
        0.0,
    ),
    "spectral, centroid": ((("fft", {}), ("spectral", {"features": ["centroid"]})), 1.0),
}
"""Chains whose bound is in steps of the output, which saturates."""


def judge(motions: Mapping[str, Array]) -> Judged:
    """Every chain."""
    yield from (_decibels(name, motions) for name in DECIBELS)
    yield from (_steps(name, motions) for name in STEPS)
    yield _moments(motions)
    yield _normalized_magnitudes(motions)


def compare(stages: Stages, samples: Array, rate: float = 50.0) -> tuple[Array, Array]:
    """As chain, in a folder that goes."""
    with tempfile.TemporaryDirectory() as folder:
        return chain(stages, samples, Path(folder), rate)


def _decibels(name: str, motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Of filters and spectra: the worst signal of those that are off by more than a step of a sample."""
    found, furthest = {}, 0.0
    for kind, samples in motions.items():
        if kind == "full scale" and name.startswith(("filter", "fir", "decimate")):
            continue  # what saturates has tests of its own
        got, wanted = compare(DECIBELS[name], samples)
        error = float(np.abs(got - wanted).max())
        furthest = max(furthest, error)
        found[kind] = np.inf if error <= 1.01 * LSB else decibels(got, wanted)
    worst = min(found, key=lambda kind: found[kind])
    off = f"{found[worst]:.1f} dB ({worst}), at most" if np.isfinite(found[worst]) else "at most"
    line = f"{name}: {off} {furthest / LSB:.3f} steps, bound {BOUND_DB:g} dB or a step"
    return line, found[worst] >= BOUND_DB


def _steps(name: str, motions: Mapping[str, Array]) -> tuple[str, bool]:
    stages, bound = STEPS[name]
    found = {}
    at = stream(ROWS, CHANNELS)
    for block, keys in stages:
        at = appended(block, keys, at)[2]
    assert at.last.quantization is not None
    step, zero = np.array(at.last.quantization.scale), at.last.quantization.zero_point[0]
    limits = np.iinfo(at.last.dtype)
    for kind, samples in motions.items():
        got, wanted = compare(stages, samples)
        inside = np.clip(wanted, (limits.min - zero) * step, (limits.max - zero) * step)
        found[kind] = float((np.abs(got - inside) / step).max())
    worst = max(found, key=lambda kind: found[kind])
    return f"{name}: {found[worst]:.4f} steps ({worst}), bound {bound:.4f}", found[worst] <= bound + 1e-9


def _moments(motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Variance and crest factor within a step, a kurtosis within one or 0.2 %."""
    keys = {"features": ["variance", "kurtosis", "crest_factor"], "variance_bits": 15}
    steps = np.array([LSB**2 * 2**15, 2.0**-8, 2.0**-7])
    found = {}
    for kind, samples in motions.items():
        got, wanted = (x.reshape(-1, CHANNELS, 3) for x in compare((("statistics", keys),), samples))
        wanted = np.minimum(np.nan_to_num(wanted), 32767 * steps)
        wanted[(samples[:, 0] == samples[:, 0, :1]).all(axis=1), 1] = 0  # of a constant: none
        found[kind] = float((np.abs(got - wanted) / np.maximum(steps, [0, 0.002, 0] * wanted)).max())
    worst = max(found, key=lambda kind: found[kind])
    line = f"statistics, moments: {found[worst]:.4f} steps ({worst}), bound 1, of a kurtosis also 0.2 %"
    return line, found[worst] <= 1


def _normalized_magnitudes(motions: Mapping[str, Array]) -> tuple[str, bool]:
    """On the magnitudes that the C gives: what these are off by is not this block's."""
    magnitudes: Stages = (("spectrum", {"output": "magnitude"}),)
    mean, deviation, scale, found = 20.0, 30.0, 2.0**-11, {}
    keys = {"mean": mean, "deviation": deviation, "scale": scale}
    for kind, samples in motions.items():
        got = compare((*magnitudes, ("normalize", keys)), samples)[0]
        wanted = (compare(magnitudes, samples)[0] - mean) / deviation
        inside = np.clip(wanted, -32768 * scale, 32767 * scale)
        found[kind] = float(np.abs(got - inside).max() / scale)
    worst = max(found, key=lambda kind: found[kind])
    return f"normalize, of magnitudes: {found[worst]:.4f} steps ({worst}), bound 0.5001", found[
        worst
    ] <= 0.5001
