# SPDX-License-Identifier: Apache-2.0
"""Takes motions and sounds, gives how far levels, cepstra and the front end are from their references."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.block_programs import LSB, Program, appended, decibels, stream
from tests.host.test_spectra import certain
from tests.kept_back.front import BOUND_DB, Judged, Stages, compare
from tests.kept_back.signals import CHANNELS, RATE_HZ, ROWS
from tinyedge import blocks
from tinyedge.blocks import mel
from tinyedge.graph import Array

HOP = 480
FILTERS = 40
SCALES = {"decibel": (2.0**-7, 20 / np.log(10)), "natural": (2.0**-9, 2.0)}
"""Of levels: a step, and units of a neper."""


def judge(motions: Mapping[str, Array], sounds: Mapping[str, Array]) -> Judged:
    """Every block that is made of spectra, and the audio front end."""
    for output in SCALES:
        yield _levels(output, motions)
    yield _peaks(motions)
    levels = {kind: _mel(sound) for kind, sound in sounds.items()}
    yield _mel_levels(sounds)
    for keys in ({}, {"coefficients": 20, "lifter": 22}):
        yield _cepstra(keys, levels)
    yield _deltas(levels)
    for name, sound in sounds.items():
        yield _front_end(name, sound)


def _levels(output: str, motions: Mapping[str, Array]) -> tuple[str, bool]:
    """Of bins that tell: half a step, and the logarithm's table."""
    step, neper = SCALES[output]
    bound, found = step / 2 + neper * 2.0**-8, {}
    for kind, samples in motions.items():
        sure = certain(compare((("spectrum", {"output": "magnitude"}),), samples)[1])
        got, wanted = compare((("spectrum", {"output": output}),), samples)
        found[kind] = float(np.abs(got - wanted)[sure].max(initial=0.0))
    worst = max(found, key=lambda kind: found[kind])
    line = f"spectrum, {output}: {found[worst] / step:.3f} steps ({worst}), bound {bound / step:.3f}"
    return line, found[worst] <= bound


def _peaks(motions: Mapping[str, Array]) -> tuple[str, bool]:
    """The bin that is called the peak: what it lacks of the energy of the largest."""
    stages: Stages = (("fft", {}), ("spectral", {"features": ["peak"]}))
    found = {}
    for kind, samples in motions.items():
        got, _ = compare(stages, samples)
        bins = compare((("spectrum", {"output": "magnitude"}),), samples)[1].reshape(
            -1, CHANNELS, ROWS // 2 + 1
        )
        at = np.rint(got.reshape(-1, CHANNELS, 1) * ROWS / 50.0).astype(np.int64)
        largest = bins.max(axis=2)
        lacks = largest - np.take_along_axis(bins, at, axis=2)[..., 0]
        found[kind] = float((lacks / np.maximum(largest, LSB)).max())
    worst = max(found, key=lambda kind: found[kind])
    bound = 10 ** (-BOUND_DB / 20)
    line = f"spectral, peak: {found[worst]:.6f} below the largest bin ({worst}), bound {bound:.6f}"
    return line, found[worst] <= bound


def _frames(sound: Array) -> Array:
    return sound[: len(sound) // HOP * HOP].reshape(-1, 1, HOP, 1)


MEL: Stages = (("fft", {}), ("mel", {"filters": FILTERS, "low_hz": 20.0}))


def _mel(sound: Array) -> Array:
    """int16 [runs, 1, 3, FILTERS]: levels as the C gives them, for what comes behind."""
    at = stream(HOP, 1, float(RATE_HZ))
    for block, keys in MEL:
        at = blocks.append(at, block, blocks.parse(block, keys), block)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(at.graph, Path(folder))
        rows = np.concatenate([program.run(run)[0] for run in _frames(sound)])
    return rows[: len(rows) // 3 * 3].reshape(-1, 1, 3, FILTERS)


def _mel_levels(sounds: Mapping[str, Array]) -> tuple[str, bool]:
    """2^-7 beyond what the roundings of windows (2^-16), bins (a step) and weights (2^-17) can do."""
    at = blocks.append(stream(HOP, 1, float(RATE_HZ)), "fft", blocks.parse("fft", {}), "fft")
    weights = mel.weights(mel.Mel.model_validate(MEL[1][1]), at)
    floor = max(1e-10, 4 * weights.max() * at.last.scale**2)
    found, told = {}, 0
    for kind, sound in sounds.items():
        frames = _frames(sound)
        energies = compare((("spectrum", {"output": "magnitude"}),), frames, RATE_HZ)[1] ** 2
        wanted = np.sqrt(energies @ weights.T)
        loudness = np.abs(frames.astype(np.float64)).sum(axis=2) * LSB
        apart = np.sqrt(weights.sum(axis=1)) * (loudness * 2.0**-16 + 2 * at.last.scale)
        more = weights.max() * 2.0**-17 * (energies @ (weights > 0).T)
        least, most = np.maximum(wanted - apart, 0) ** 2 - more, (wanted + apart) ** 2 + more
        tells = (least > wanted**2 / 4) & (least > floor)
        got = compare(MEL, frames, RATE_HZ)[0][tells]
        below, above = (np.log(energy[tells]) for energy in (least, most))
        found[kind] = float(np.maximum(below - got, got - above).max(initial=-np.inf)) * 2**7
        told += int(np.count_nonzero(tells))
    worst = max(found, key=lambda kind: found[kind])
    line = f"mel, natural: {found[worst]:.3f} ({worst}) of 2^-7 beyond roundings ({told} levels), bound 1"
    return line, found[worst] <= 1 and told > 100_000


def _cepstra(keys: dict[str, int], levels: Mapping[str, Array]) -> tuple[str, bool]:
    quantization = appended("mfcc", keys, stream(3, FILTERS))[2].last.quantization
    assert quantization is not None
    found, quiet = {}, np.inf
    for kind, samples in levels.items():
        got, wanted = compare((("mfcc", keys),), samples)
        found[kind] = float((np.abs(got - wanted) / np.array(quantization.scale)).max())
        quiet = min(quiet, decibels(got, wanted))
    worst = max(found, key=lambda kind: found[kind])
    name = f"mfcc, {keys.get('coefficients', 13)}"
    line = f"{name}: {found[worst]:.3f} steps ({worst}), at least {quiet:.1f} dB, bound 1"
    return line, found[worst] <= 1


def _deltas(levels: Mapping[str, Array]) -> tuple[str, bool]:
    found = {}
    for kind, samples in levels.items():
        got, wanted = compare((("delta", {"width": 9}),), samples)
        found[kind] = float(np.abs(got - np.clip(wanted, -32, 32 - LSB)).max() / LSB)
    worst = max(found, key=lambda kind: found[kind])
    line = f"delta, of mel levels: {found[worst]:.4f} steps ({worst}), bound 0.5"
    return line, found[worst] <= 0.5 + 1e-9


def _front_end(name: str, sound: Array) -> tuple[str, bool]:
    """Bit for bit, over the whole sound."""
    sound = sound[: len(sound) // HOP * HOP]
    _, _, after = appended("audio_frontend", {}, stream(HOP, 1, float(RATE_HZ)))
    with tempfile.TemporaryDirectory() as folder:
        program = Program(after.graph, Path(folder))
        got = np.concatenate([program.run(part)[0] for part in sound.reshape(-1, 1, HOP, 1)])
    frontend = importlib.import_module("pymicro_features").MicroFrontend()
    parts = (sound[start : start + 160].tobytes() for start in range(0, len(sound), 160))
    wanted = np.array([frontend.process_samples(part).features or [0.0] * 40 for part in parts])
    same = bool(np.array_equal(got * 0.0390625, wanted))
    line = (
        f"front end, {name}: {len(sound) / RATE_HZ:.0f} s, {'equal' if same else 'DIFFERS'},"
        f" {len(np.unique(got))} values"
    )
    return line, same
