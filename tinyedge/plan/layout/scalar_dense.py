# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a dense layer, gives a stream of weights for products that hold two channels' sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic import fit_high
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

CHUNKS = (2, 4, 8, 16)
"""Inputs whose products are summed up before the two sums of a word are parted."""
PRODUCT = 1.75
"""Instructions for a weight, filled up to a whole chunk."""
PARTING = 1.5
"""Instructions for a chunk, for each of the two channels."""
APART = 32.0
"""What a weight costs that a chunk has no room for: 8 instructions and 4 bytes, the bytes as 24 more."""
HALF = 2**15
OFFSET = 128
"""Added to every weight of the stream."""


@dataclass(frozen=True)
class Room:
    """What a kernel of this kind has room for: inputs of a segment (`short` in chunks of 2), channels whose
    sums wait for the next segment, and channels at once."""

    segment: int
    short: int
    block: int
    most: int

    def inputs(self, chunk: int) -> int:
        """Inputs of a segment."""
        return self.short if chunk == 2 else self.segment


def room(isa: str) -> Room:
    """As firmware/kernels/<isa>/fully_connected.h says."""
    segment, short, block, twos = (
        header.number(f"{isa}/fully_connected.h", f"TE_FULLY_CONNECTED_{isa.upper()}_{name}")
        for name in ("SEGMENT", "SHORT", "BLOCK", "TWOS")
    )
    return Room(segment, short, block, 2 * twos)


SCALAR, XTENSA = room("scalar"), room("xtensa")


def fully_connected(call: Call, room: Room) -> Call:
    """Weights as firmware/kernels/scalar/fully_connected_s8.c describes; shorter requantisation if exact."""
    arrays = parts.arrays(call)
    rows, bias = arrays["weights"].data, arrays["bias"].data
    all_kept = {chunk: keep(rows, chunk) for chunk in CHUNKS}
    chunk = min(CHUNKS, key=lambda chunk: _cost(rows, all_kept[chunk], chunk))
    changed = {
        "weights": parts.relaid(arrays["weights"], stream(rows, all_kept[chunk], chunk, room)),
        "bias": parts.relaid(arrays["bias"], np.pad(bias, (0, len(rows) % 2))),
    }
    return parts.changed(requantized(call, rows), laid={"chunk": chunk}, arrays=changed)


def requantized(call: Call, rows: Array) -> Call:
    """The call with the shorter requantisation, if one is exact; rows are [channels, inputs]."""
    fitted = fit_high.of_layer(parts.scaling(call), rows, parts.arrays(call)["bias"].data)
    if fitted is None:
        return parts.changed(call, laid={"fitted": 0, "left": 0, "right": 0})
    laid = {"fitted": 1, "left": fitted.left, "right": fitted.right}
    return parts.changed(call, laid=laid, arrays=parts.words(fitted.multipliers))


def keep(rows: Array, chunk: int) -> Array:
    """`rows` [channels, inputs] with zeros for the largest weights of chunks that could exceed 16 bits.

    Chunks begin anew with every segment, of which `chunk` is a divisor; inputs are any bytes.
    """
    depth = rows.shape[1]
    kept = np.pad(rows, ((0, 0), (0, -depth % chunk))).astype(np.int64).reshape(-1, chunk)
    crowded = np.arange(len(kept))
    while len(crowded):
        most = np.maximum(127 * kept[crowded], -128 * kept[crowded]).sum(axis=1)
        least = np.minimum(127 * kept[crowded], -128 * kept[crowded]).sum(axis=1)
        crowded = crowded[(most >= HALF) | (least < -HALF)]
        kept[crowded, np.abs(kept[crowded]).argmax(axis=1)] = 0
    result: Array = kept.reshape(len(rows), -1)[:, :depth].astype(np.int8)
    return result


def stream(rows: Array, kept: Array, chunk: int, room: Room = SCALAR) -> Array:
    """The kernel's weights: by blocks, segments and few channels words of `kept`, then the rest of `rows`."""
    channels, depth = rows.shape
    pieces = []
    for block in range(0, channels, room.block):
        end = min(block + room.block, channels)
        whole = block + (end - block) // room.most * room.most
        for first in range(0, depth, room.inputs(chunk)):
            for begin in (*range(block, whole, room.most), *range(whole, end, 2)):
                count = room.most if begin < whole else 2
                few = (slice(begin, min(begin + count, end)), slice(first, first + room.inputs(chunk)))
                pieces += [_words(kept[few], count, chunk), _apart(rows[few], kept[few])]
    return np.concatenate(pieces).view(np.int8)


def _cost(rows: Array, kept: Array, chunk: int) -> float:
    chunks = len(rows) * -(-rows.shape[1] // chunk)
    cost: float = chunks * (chunk * PRODUCT + PARTING) + np.count_nonzero(rows != kept) * APART
    return cost


def _words(kept: Array, count: int, chunk: int) -> Array:
    padded = np.pad(kept, ((0, count - len(kept)), (0, -kept.shape[1] % chunk))).astype(np.int64) + OFFSET
    # [pair, channel, two inputs, input] -> [two inputs, pair, channel, input]
    words = padded.reshape(count // 2, 2, -1, 2).transpose(2, 0, 1, 3)
    return words.astype(np.uint8).ravel()


def _apart(rows: Array, kept: Array) -> Array:
    places = np.argwhere(rows != kept)
    entries = [(at & 255, at >> 8, channel, int(rows[channel, at]) & 255) for channel, at in places.tolist()]
    return np.array([(len(entries) & 255, len(entries) >> 8, 0, 0), *entries], np.uint8).ravel()
