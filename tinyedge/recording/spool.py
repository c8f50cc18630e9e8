# SPDX-License-Identifier: Apache-2.0
"""Takes a shape, gives an array; a large one lies in a file without a name, and not in memory.

A recording of hours, and what a replay keeps of it, is walked in `parts`; behind each the pages that were
touched are given back, so that the process stays as small as one part, however long the recording is.
"""

from __future__ import annotations

import math
import mmap
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tinyedge import paths
from tinyedge.errors import UsageError
from tinyedge.graph import Array

LARGE = 1 << 20  # bytes of an array from which on it lies in a file
AT_ONCE = 1 << 16  # elements of one part
_ZEROS = bytes(1 << 20)


class Column:
    """Numbers one after another, of which nobody knows how many there will be."""

    def __init__(self) -> None:
        self._held = array("d")
        self._file: IO[bytes] | None = None

    def extend(self, values: NDArray[np.float64]) -> None:
        """Several more."""
        self._held.frombytes(values.tobytes())
        if len(self._held) >= AT_ONCE:
            self._spill()

    def append(self, value: float) -> None:
        """One more."""
        self._held.append(value)
        if len(self._held) == AT_ONCE:
            self._spill()

    def done(self) -> NDArray[np.float64]:
        """float64 [N]: all of them; the column takes no more."""
        if self._file is None:
            return np.frombuffer(self._held, np.float64)
        self._spill()
        return _mapped(self._file, np.float64)

    def _spill(self) -> None:
        self._file = self._file or _file()
        _write(self._file, self._held.tobytes())
        del self._held[:]


def stored(parts: Iterable[bytes], dtype: DTypeLike) -> Array:
    """[N]: bytes that come one after another, as they are; never more than there are."""
    file, size, held = _file(), 0, b""
    for part in parts:
        size += len(part)
        _write(file, part)
        held = part
    if size <= len(held):
        return np.frombuffer(held, dtype)
    return _mapped(file, dtype)


def zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """As numpy's; UsageError where there is no room for the file."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size <= LARGE:
        return np.zeros(shape, dtype)
    file = _file()
    for start in range(0, size, len(_ZEROS)):
        _write(file, _ZEROS[: size - start])
    return _mapped(file, dtype).reshape(shape)


def parts(count: int, *arrays: Array, elements: int = 0) -> Iterator[slice]:
    """Slices that cover 0 to `count`, of about AT_ONCE elements; behind each, `arrays` leave the memory.

    elements: in one of the count, where that is not to be read from the arrays.
    """
    each = elements or max((math.prod(array.shape[1:]) for array in arrays), default=1)
    rows = max(1, AT_ONCE // max(each, 1))
    for start in range(0, count, rows):
        yield slice(start, min(start + rows, count))
        release(*arrays)


def release(*arrays: Array) -> None:
    """Give back the memory of what lies in files; the numbers stay there."""
    for each in arrays:
        base: Any = each
        while isinstance(base, np.ndarray | memoryview):
            base = base.base if isinstance(base, np.ndarray) else base.obj
        if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            base.madvise(mmap.MADV_DONTNEED)


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile(dir=paths.temporary_place(), buffering=0)


def _write(file: IO[bytes], data: bytes) -> None:
    try:
        written = file.write(data)
        while written < len(data):  # a disk that is nearly full takes a part
            written += file.write(data[written:])
    except OSError as error:
        raise UsageError(
            f"no room in {tempfile.gettempdir()} for a recording of this length: {error.strerror}",
            "make room there, or let TMPDIR name a folder that has some",
        ) from None


def _mapped(file: IO[bytes], dtype: DTypeLike) -> Array:
    """The whole file as an array, which keeps it."""
    return np.frombuffer(mmap.mmap(file.fileno(), 0), dtype)
