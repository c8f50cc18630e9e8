# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a dense layer, gives a stream of weights for products that hold two channels' sums."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from tinyedge.arithmetic import fit_high
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant

SEGMENTS = {2: 480, 4: 640, 8: 640, 16: 640}
"""Inputs whose products are summed up before the two sums of a word are parted, and inputs that the kernel's
stack then holds."""
BLOCK = 32
"""Channels whose sums wait for the next segment: TE_FULLY_CONNECTED_S8_SCALAR_BLOCK."""
MOST = 8
"""Channels at once: twice TE_FULLY_CONNECTED_S8_SCALAR_TWOS."""
PRODUCT = 1.75
"""Instructions for a weight, filled up to a whole chunk."""
PARTING = 1.5
"""Instructions for a chunk, for each of the two channels."""
APART = 32.0
"""What a weight costs that a chunk has no room for: 8 instructions and 4 bytes, the bytes as 24 more."""
HALF = 2**15
OFFSET = 128
"""Added to every weight of the stream."""


def fully_connected(call: Call, most: int = MOST) -> Call:
    """Weights as firmware/kernels/scalar/fully_connected_s8.c describes; shorter requantisation if exact.

    `most` channels at once: other cores have fewer registers.
    """
    arrays = {a.role: a for a in call.arguments if isinstance(a, Constant)}
    rows = arrays["weights"].data
    all_kept = {chunk: keep(rows, chunk) for chunk in SEGMENTS}
    chunk = min(SEGMENTS, key=lambda chunk: _cost(rows, all_kept[chunk], chunk))
    weights = stream(rows, all_kept[chunk], chunk, most)
    held = arrays["weights"].held
    changed = {"weights": dataclasses.replace(arrays["weights"], data=weights, laid_from=held)}
    bias = arrays["bias"].data
    changed["bias"] = dataclasses.replace(
        arrays["bias"], data=np.pad(bias, (0, len(rows) % 2)), laid_from=bias
    )
    return requantized(call, {"chunk": chunk}, changed)


def requantized(call: Call, added: Mapping[str, int], changed: Mapping[str, Constant]) -> Call:
    """The call with these parameters and arrays, and the shorter requantisation where one is exact."""
    arrays = {a.role: a for a in call.arguments if isinstance(a, Constant)}
    params, arguments = dict(call.params) | dict(added), dict(changed)
    data = {role: array.data for role, array in arrays.items()}
    fitted = fit_high.of_layer(params, data, data["weights"])
    if fitted is not None:
        params |= {"fitted": 1, "left": fitted.left, "right": fitted.right}
        arguments["multiplier"] = Constant("multiplier", fitted.multipliers.astype(np.int32))
        arguments["shift"] = Constant("shift", np.zeros(1, np.int8))
    laid = tuple(arguments.get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return dataclasses.replace(call, params=params, arguments=laid)


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


def stream(rows: Array, kept: Array, chunk: int, most: int = MOST) -> Array:
    """The kernel's weights: by blocks, segments and few channels words of `kept`, then the rest of `rows`."""
    channels, depth = rows.shape
    parts = []
    for block in range(0, channels, BLOCK):
        end = min(block + BLOCK, channels)
        whole = block + (end - block) // most * most
        for first in range(0, depth, SEGMENTS[chunk]):
            for begin in (*range(block, whole, most), *range(whole, end, 2)):
                count = most if begin < whole else 2
                few = (slice(begin, min(begin + count, end)), slice(first, first + SEGMENTS[chunk]))
                parts += [_words(kept[few], count, chunk), _apart(rows[few], kept[few])]
    return np.concatenate(parts).view(np.int8)


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
