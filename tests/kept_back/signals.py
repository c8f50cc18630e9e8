# SPDX-License-Identifier: Apache-2.0
"""Takes a random generator, gives motions and sounds of every kind, other ones for every seed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import signal
from scipy.io import wavfile

from tinyedge.graph import Array

RUNS, ROWS, CHANNELS = 40, 64, 3
RATE_HZ = 16_000
VOICES = ("en-us", "en-gb", "de", "fr", "es", "it", "pl", "hi", "cmn", "en-us+f3", "de+m5", "fr+whisper")
TEXT = "okay nabu, the quick brown fox; 3 2 1 0. Guten Tag, bonjour, how are you?"


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
