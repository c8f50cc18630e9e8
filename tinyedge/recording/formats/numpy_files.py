# SPDX-License-Identifier: Apache-2.0
"""NPZ and NPY files; a lone array is called "x". Objects in them are never unpickled."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.project import Columns
from tinyedge.recording.formats import Arrays

SUFFIXES = (".npy", ".npz")

# What numpy, zipfile and zlib raise on damaged files; MemoryError when a damaged header names a huge shape.
_DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    TypeError,
    SyntaxError,
    OverflowError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read(path: Path, columns: Columns) -> Arrays:
    """Every array of the file."""
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return Arrays({"x": loaded})
        with loaded:
            return Arrays({name: np.asarray(loaded[name]) for name in loaded.files})
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: BaseException) -> UsageError:
    if "allow_pickle" in str(error) or "pickled" in str(error):
        return UsageError(
            f"{path} holds Python objects, which tinyedge never unpickles, or is not a numpy file",
            "save plain numeric arrays with numpy.savez or numpy.save",
        )
    reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    return UsageError(f"cannot read {path}: it is damaged or cut short ({reason})", "write the file again")
