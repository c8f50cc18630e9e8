# SPDX-License-Identifier: Apache-2.0
"""Takes signals that nobody tuned to, gives each block's distance from its reference beside its bound.

`python -m tests.kept_back [SEED]` (the day's number if none is given) makes them anew: noises, sweeps,
squares, impulses, full scale, recordings of seglearn and speech of espeak-ng where these are installed. The
audio front end must equal pymicro-features, every other block stay within the bound of its tests: exit code 1
if one does not.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal
from scipy.io import wavfile

from tests.block_programs import LSB, Program, appended, chain, decibels, stream
from tinyedge.graph import Array

RUNS, ROWS, CHANNELS = 40, 64, 3
RATE_HZ = 16_000
HOP = 480
VOICES = ("en-us", "en-gb", "de", "fr", "es", "it", "pl", "hi", "cmn", "en-us+f3", "de+m5", "fr+whisper")
TEXT = "okay nabu, the quick brown fox; 3 2 1 0. Guten Tag, bonjour, how are you?"
BOUND_DB = 60.0
DECIBELS: Mapping[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "filter, lowpass": (("filter", {"type": "lowpass", "cutoff_hz": 3.0, "order": 4}),),
    "filter, bandpass": (("filter", {"type": "bandpass", "cutoff_hz": [1.0, 6.0], "order": 3}),),
    "fir": (("fir", {"taps": 47, "cutoff_hz": 7.0}),),
    "decimate": (("decimate", {"factor": 4}),),
    "fft": (("fft", {"rows": 64, "size": 128}),),
    "spectrum, magnitude": (("spectrum", {"output": "magnitude"}),),
    "mel, root": (("fft", {}), ("mel", {"filters": 6, "output": "root"})),
    "bands, rms": (("fft", {}), ("bands", {"bands_hz": [[0.0, 5.0], [5.0, 20.0]]})),
}
"""Chains whose bound is that of spectra and filters: decibels over the error, or a step of a sample."""
STEPS: Mapping[str, tuple[tuple[tuple[str, dict[str, Any]], ...], float]] = {
    "window": ((("window", {"rows": 100}),), 0.0),
    "magnitude": ((("magnitude", {"axes": 3}),), 0.5),
    "detrend, constant": ((("detrend", {"type": "constant"}),), 0.5),
    "detrend, linear": ((("detrend", {"type": "linear"}),), 0.5),
    "statistics": (
        (("statistics", {"features": ["mean", "deviation", "rms", "minimum", "maximum"]}),),
        0.5 + 1 / 64,
    ),
}
"""Chains whose bound is in steps of the output, which saturates."""


def main(arguments: list[str]) -> int:
    """Print every block's worst, exit code 1 where one is beyond its bound."""
    seed = int(arguments[0]) if arguments else int(time.time()) // 86_400
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    motions = dict(all_motions(rng))
    right = [_decibels(name, motions) for name in DECIBELS]
    right += [_steps(name, motions) for name in STEPS]
    right += [_front_end(name, sound) for name, sound in all_sounds(rng)]
    print(f"{right.count(False)} of {len(right)} beyond their bounds")
    return 0 if all(right) else 1


def all_motions(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """int16 [RUNS, 1, ROWS, CHANNELS] of every kind, half of full scale and, in places, one step."""
    count = RUNS * ROWS
    t = np.arange(count)
    level = 2.0 ** rng.uniform(3, 14, CHANNELS)
    made = {
        "noise": rng.normal(0, 0.3, (count, CHANNELS)) * level,
        "walk": np.cumsum(rng.normal(0, 0.02, (count, CHANNELS)), axis=0) * level,
        "sweep": signal.chirp(t, rng.uniform(0, 0.01), count, rng.uniform(0.3, 0.5))[:, None] * level,
        "square": signal.square(t[:, None] * rng.uniform(0.01, 1, CHANNELS)) * 16_000,
        "impulses": (rng.random((count, CHANNELS)) < 0.01) * level * rng.choice([-1, 1], (count, CHANNELS)),
        "constant": np.ones((count, 1)) * rng.uniform(-16_000, 16_000, CHANNELS),
        "one step": rng.integers(-1, 2, (count, CHANNELS)),
        "full scale": rng.choice([-32768, 32767], (count, CHANNELS)),
    }
    package = importlib.util.find_spec("seglearn")
    if package is None or not package.submodule_search_locations:
        print("seglearn is not installed: none of its recordings")
    else:
        file = Path(package.submodule_search_locations[0], "data", "watch_dataset.npy")
        series = np.load(file, allow_pickle=True).item()["X"]
        real = np.concatenate([series[i][:, :CHANNELS] for i in rng.permutation(len(series))[:20]])[:count]
        made["smartwatch"] = real * 16_000 / np.abs(real).max()
    for name, values in made.items():
        yield name, np.clip(np.rint(values), -32768, 32767).astype(np.int16).reshape(RUNS, 1, ROWS, CHANNELS)


def all_sounds(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """int16 [n] at 16 kHz, more than 60 s in all of noise and of speech each."""
    count = 12 * RATE_HZ
    white = rng.normal(0, 1, count)
    spectrum = np.fft.rfft(white) / np.sqrt(np.maximum(np.arange(count // 2 + 1), 1))
    pink = np.fft.irfft(spectrum)
    t = np.arange(count) / RATE_HZ
    made = {
        "white": white * 2.0 ** rng.uniform(0, 13),
        "pink": pink / pink.std() * 2.0 ** rng.uniform(3, 12),
        "clipped": white * 60_000,
        "offset": np.full(count, rng.integers(-32768, 32768)) + white * 3,
        "silence": np.zeros(count),
        "sweep": 32_767 * signal.chirp(t, 20, t[-1], 8000, "logarithmic"),
        "bursts": white * 20_000 * (rng.random(count // 800).repeat(800) < 0.1),
    }
    speaker = shutil.which("espeak-ng")
    if speaker is None:
        print("espeak-ng is not on PATH: no speech")
    else:
        spoken = [_spoken(speaker, voice, rng) for voice in VOICES]
        made["speech"] = np.concatenate(spoken)
        least = min(map(len, spoken))
        made["babble"] = sum((part[:least] for part in spoken), np.zeros(least)) / 3
        speech = made["speech"]
        for snr in (20, 5, -5):
            noise = rng.normal(0, speech.std() * 10 ** (-snr / 20), len(speech))
            made[f"speech at {snr} dB"] = (speech + noise) * 0.5
    for name, values in made.items():
        yield name, np.clip(np.rint(values), -32768, 32767).astype(np.int16)


def _spoken(speaker: str, voice: str, rng: np.random.Generator) -> Array:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "v.wav"
        given = ["-v", voice, "-s", str(rng.integers(90, 300)), "-p", str(rng.integers(10, 90))]
        subprocess.run([speaker, *given, "-w", str(file), TEXT], check=True, timeout=60)
        rate, voice_samples = wavfile.read(file)
    resampled: Array = signal.resample_poly(voice_samples.astype(np.float64), RATE_HZ, rate)
    return resampled * 10 ** rng.uniform(-1.5, 0.2)


def _decibels(name: str, motions: Mapping[str, Array]) -> bool:
    """Of filters and spectra: the worst signal of those that are off by more than a step of a sample."""
    found, furthest = {}, 0.0
    for kind, samples in motions.items():
        if kind == "full scale" and name.startswith(("filter", "fir", "decimate")):
            continue  # what saturates has tests of its own
        with tempfile.TemporaryDirectory() as folder:
            got, wanted = chain(DECIBELS[name], samples, Path(folder))
        error = float(np.abs(got - wanted).max())
        furthest = max(furthest, error)
        found[kind] = np.inf if error <= 1.01 * LSB else decibels(got, wanted)
    worst = min(found, key=lambda kind: found[kind])
    off = f"{found[worst]:.1f} dB ({worst}), at most" if np.isfinite(found[worst]) else "at most"
    print(f"{name}: {off} {furthest / LSB:.3f} steps, bound {BOUND_DB:g} dB or a step", flush=True)
    return found[worst] >= BOUND_DB


def _steps(name: str, motions: Mapping[str, Array]) -> bool:
    stages, bound = STEPS[name]
    found = {}
    at = stream(ROWS, CHANNELS)
    for block, keys in stages:
        at = appended(block, keys, at)[2]
    assert at.last.quantization is not None
    step = np.array(at.last.quantization.scale)
    for kind, samples in motions.items():
        with tempfile.TemporaryDirectory() as folder:
            got, wanted = chain(stages, samples, Path(folder))
        inside = np.clip(wanted, -32768 * step, 32767 * step)
        found[kind] = float((np.abs(got - inside) / step).max())
    worst = max(found, key=lambda kind: found[kind])
    print(f"{name}: {found[worst]:.4f} steps ({worst}), bound {bound:.4f}", flush=True)
    return found[worst] <= bound + 1e-9


def _front_end(name: str, sound: Array) -> bool:
    """Bit for bit, over the whole sound."""
    sound = sound[: len(sound) // HOP * HOP]
    before = stream(HOP, 1, float(RATE_HZ))
    _, _, after = appended("audio_frontend", {}, before)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(after.graph, Path(folder))
        got = np.concatenate([program.run(part)[0] for part in sound.reshape(-1, 1, HOP, 1)])
    frontend = importlib.import_module("pymicro_features").MicroFrontend()
    parts = (sound[start : start + 160].tobytes() for start in range(0, len(sound), 160))
    wanted = np.array([frontend.process_samples(part).features or [0.0] * 40 for part in parts])
    same = bool(np.array_equal(got * 0.0390625, wanted))
    print(
        f"front end, {name}: {len(sound) / RATE_HZ:.0f} s, {'equal' if same else 'DIFFERS'},"
        f" {len(np.unique(got))} values",
        flush=True,
    )
    return same


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
