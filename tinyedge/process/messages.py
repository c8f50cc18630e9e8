# SPDX-License-Identifier: Apache-2.0
"""Takes a JSON header and arrays, gives one message on a byte pipe, and back (no pickle: data only)."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Message = tuple[dict[str, Any], list[Array]]

_LENGTH = struct.Struct("<I")  # bytes of the JSON header that follows


def send(stream: IO[bytes], header: dict[str, Any], arrays: list[Array]) -> None:
    """Writes one message and flushes it; arrays of any shape and any fixed-size dtype."""
    arrays = [np.ascontiguousarray(a) for a in arrays]
    shapes = [{"shape": list(a.shape), "dtype": a.dtype.str} for a in arrays]
    text = json.dumps({**header, "arrays": shapes}).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for array in arrays:
        stream.write(array.tobytes())
    stream.flush()


def receive(stream: IO[bytes]) -> Message:
    """Reads one message; raises EOFError when the other end closed, in the middle of one or before."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    header = json.loads(_exactly(stream, length))
    arrays = []
    for item in header.pop("arrays"):
        dtype, shape = np.dtype(item["dtype"]), tuple(item["shape"])
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays.append(np.frombuffer(_exactly(stream, size), dtype).reshape(shape))
    return header, arrays


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError(f"{len(data)} of {size} bytes")
    return data
