# SPDX-License-Identifier: Apache-2.0
"""Takes espeak-ng and the package pymicro-wakeword, gives `recordings/`: the model, speech in noise, labels.

    python data.py [FOLDER]        (apt-get install espeak-ng; pip install pymicro-wakeword)

spoken.wav: 16 kHz, sentences of three voices with white noise 20 dB below them, "okay nabu" among them.
labels.csv: when "okay nabu" is said. okay_nabu.tflite: the network as the package has it.
"""

from __future__ import annotations

import csv
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

HERE = Path(__file__).resolve().parent
RATE_HZ = 16_000
WORD = "okay nabu"
SPOKEN = (
    ("en-us", "what a beautiful morning"),
    ("en-us", WORD),
    ("en-gb", "please turn on the light in the kitchen"),
    ("en-gb", WORD),
    ("en-us", "okay, not you, I was talking to somebody else"),
    ("en-gb-scotland", "the weather tomorrow will be cloudy"),
    ("en-us", WORD),
    ("en-gb", "how long does the washing machine take"),
)
NOISE_DB = -20.0

Sound = NDArray[np.float64]


def say(voice: str, text: str) -> Sound:
    """Samples at 16 kHz, of full scale 32768."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SystemExit("error: espeak-ng, which speaks, is missing\nhint: apt-get install espeak-ng")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "voice.wav")
        subprocess.run([program, "-v", voice, "-s", "140", "-w", file, text], check=True, timeout=60)
        rate, samples = wavfile.read(file)
    return np.asarray(resample_poly(samples.astype(np.float64), RATE_HZ, rate) * 0.7)


def model() -> Path:
    """The network's file in the package, which is not imported."""
    spec = importlib.util.find_spec("pymicro_wakeword")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("error: the network is in pymicro-wakeword\nhint: pip install pymicro-wakeword")
    return Path(spec.submodule_search_locations[0], "models", "okay_nabu.tflite")


def main() -> None:
    """Write all three files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model(), folder / "okay_nabu.tflite")
    pause = np.zeros(RATE_HZ // 2)
    parts, events, at = [pause], [], len(pause)
    for voice, text in SPOKEN:
        sound = say(voice, text)
        if text == WORD:
            events.append((at / RATE_HZ, (at + len(sound)) / RATE_HZ))
        parts += [sound, pause]
        at += len(sound) + len(pause)
    clean = np.concatenate(parts)
    loud = np.sqrt(np.mean(clean[clean != 0] ** 2))
    noise = np.random.default_rng(0).normal(0, loud * 10 ** (NOISE_DB / 20), len(clean))
    samples = np.clip(np.rint(clean + noise), -32768, 32767).astype(np.int16)
    wavfile.write(folder / "spoken.wav", RATE_HZ, samples)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["start", "end", "label"])
        writer.writerows([f"{start:.3f}", f"{end:.3f}", 1] for start, end in events)
    sys.stdout.write(f"{folder}: {len(samples) / RATE_HZ:.1f} s, {len(events)} times '{WORD}'\n")


if __name__ == "__main__":
    main()
