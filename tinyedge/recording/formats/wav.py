# SPDX-License-Identifier: Apache-2.0
"""WAV: integer samples as shares of full scale, -1 to 1, as tf.audio.decode_wav gives them; or floats."""

from __future__ import annotations

import struct
import warnings
import wave
from pathlib import Path

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns
from tinyedge.recording import spool
from tinyedge.recording.formats import Table

SUFFIXES = (".wav",)


def read(path: Path, columns: Columns) -> Table:
    """One column a channel, with the file's own rate."""
    try:
        rate, samples, cut = _mapped(path) or _in_parts(path) or _whole(path)
    except (
        OSError,
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        OverflowError,
        MemoryError,
        ZeroDivisionError,  # no channels
        UnboundLocalError,  # no chunk `fmt `
        struct.error,
    ) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise UsageError(
            f"cannot read {path}: it is no WAV file, or damaged ({reason})", "export it again as PCM"
        ) from None
    if rate < 1 or samples.size == 0:
        raise UsageError(f"{path} holds no samples", "record at least one model input")
    frames: Array = samples.reshape(len(samples), -1)
    notes: tuple[str, ...] = ("the file is shorter than its header says",) if cut else ()
    full = 1
    if frames.dtype.kind in "iu":
        full = (np.iinfo(frames.dtype).max + 1) // (2 if frames.dtype.kind == "u" else 1)
        notes = (*notes, f"samples of {frames.dtype}, taken as shares of full scale (1/{full})")
    if frames.dtype.kind == "u":
        frames = _centred(frames)
    names = ("",) * frames.shape[1]
    return Table(names, tuple(frames.T), rate_hz=float(rate), notes=notes, full_scale=float(full))


_Sound = tuple[int, Array, bool]
"""Rate, samples [frames] or [frames, channels], and whether there are fewer than the header says."""


def _mapped(path: Path) -> _Sound | None:
    """Where they lie in the file; None where no numpy type does it, as of 24 bits, or the file is cut."""
    from scipy.io import wavfile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks without samples
        try:
            rate, samples = wavfile.read(path, mmap=True)
        except ValueError:
            return None
    return rate, samples, False


def _in_parts(path: Path) -> _Sound | None:
    """PCM, samples of 24 bits in the upper part of 32; None of other kinds."""
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, said = file.getparams()[:4]
            if width not in (1, 2, 3, 4):
                return None
            parts = iter(lambda: file.readframes(spool.AT_ONCE // channels), b"")
            kind = {1: "u1", 2: "<i2"}.get(width, "<i4")
            step = width * channels
            whole = (part[: len(part) // step * step] for part in parts)
            samples = spool.stored(map(_widened, whole) if width == 3 else whole, kind)
    except (wave.Error, EOFError):
        return None
    frames = samples.reshape(-1, channels)
    return rate, frames, len(frames) < said


def _widened(part: bytes) -> bytes:
    words = np.zeros((len(part) // 3, 4), np.uint8)
    words[:, 1:] = np.frombuffer(part, np.uint8).reshape(-1, 3)
    return words.tobytes()


def _whole(path: Path) -> _Sound:
    """At once: what is damaged, or compressed so that a sentence says it."""
    from scipy.io import wavfile

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", wavfile.WavFileWarning)
        rate, samples = wavfile.read(path)
    return rate, samples, any("EOF" in str(warning.message) for warning in caught)


def _centred(frames: Array) -> Array:
    """int16: WAV's 8-bit samples are unsigned."""
    found = spool.zeros(frames.shape, np.int16)
    for part in spool.parts(len(frames), frames, found):
        found[part] = frames[part].astype(np.int16) - 128
    return found
