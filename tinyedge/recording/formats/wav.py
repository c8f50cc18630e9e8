# SPDX-License-Identifier: Apache-2.0
"""WAV: integer samples as shares of full scale, -1 to 1, as tf.audio.decode_wav gives them; or floats."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Table

SUFFIXES = (".wav",)


def read(path: Path, columns: Columns) -> Table:
    """One column a channel, with the file's own rate."""
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", wavfile.WavFileWarning)
            rate, samples = wavfile.read(path)
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
    frames = samples.reshape(len(samples), -1)
    cut = any("EOF" in str(warning.message) for warning in caught)  # the others: chunks without samples
    notes: tuple[str, ...] = ("the file is shorter than its header says",) if cut else ()
    if frames.dtype.kind in "iu":
        limits = np.iinfo(frames.dtype)
        middle = 128 if frames.dtype.kind == "u" else 0  # WAV's 8-bit samples are unsigned
        full = (limits.max + 1) // (2 if middle else 1)
        notes = (
            *notes,
            f"samples of {frames.dtype}, taken as shares of full scale (1/{full})",
        )
        values = (frames.astype(np.float64) - middle) / full
    else:
        with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
            values = frames.astype(np.float64)
    names = ("",) * values.shape[1]
    return Table(names, tuple(values.T), rate_hz=float(rate), notes=notes)
