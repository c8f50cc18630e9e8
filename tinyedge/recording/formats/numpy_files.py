# SPDX-License-Identifier: Apache-2.0
"""NPZ and NPY files; a lone array is called "x". Objects in them are never unpickled."""

from __future__ import annotations

import math
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tinyedge.errors import UsageError
from tinyedge.graph import Array
from tinyedge.project import Columns
from tinyedge.recording import spool
from tinyedge.recording.formats import Arrays

SUFFIXES = (".npy", ".npz")
_AT_ONCE = 1 << 20  # bytes

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
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return Arrays({"x": loaded})
        with loaded:
            return Arrays({name: _member(loaded.zip, name) for name in loaded.files})
    except _DAMAGED as error:
        raise _damaged(path, error) from None


def _member(file: zipfile.ZipFile, name: str) -> Array:
    """One array, as numpy's read_array gives it, but never whole in memory where it is large."""
    stored = name if name in file.NameToInfo else f"{name}.npy"
    with file.open(stored) as packed:
        version = np.lib.format.read_magic(packed)
        readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in readers:
            raise ValueError(f"version {version[0]}.{version[1]} of an array")
        shape, by_columns, dtype = readers[version](packed)
        if dtype.hasobject:
            raise ValueError("Object arrays cannot be loaded when allow_pickle=False")
        numbers = spool.stored(iter(lambda: packed.read(_AT_ONCE), b""), np.uint8)
    expected = math.prod(shape) * dtype.itemsize
    if len(numbers) < expected:
        raise ValueError(f"{len(numbers)} bytes of an array of {expected}")
    flat = numbers[:expected].view(dtype)
    return flat.reshape(shape[::-1]).T if by_columns else flat.reshape(shape)


def _damaged(path: Path, error: BaseException) -> UsageError:
    if any(word in str(error) for word in ("allow_pickle", "pickled", "Python objects")):
        return UsageError(
            f"{path} holds Python objects, which tinyedge never unpickles, or is not a numpy file",
            "save plain numeric arrays with numpy.savez or numpy.save",
        )
    reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    return UsageError(f"cannot read {path}: it is damaged or cut short ({reason})", "write the file again")
