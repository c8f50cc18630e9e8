# SPDX-License-Identifier: Apache-2.0
"""Takes buffers and how near two of them may lie, gives offsets: the lowest placement that a search finds."""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

SEARCH_STEPS = 400
"""Placements that are tried, in a fixed order, after the heuristics and before giving up on the bound ..."""
SEARCH_PAIRS = 2_000_000
"""... and buffers and pairs of them that are looked at meanwhile: work is counted, not time."""
MOST_PAIRS = 500_000
"""Pairs of buffers alive together that are listed, 150 bytes each; beyond, buffers are only stacked."""


@dataclass(frozen=True)
class Buffer:
    """Bytes that one activation and its views share, from layer `first` (-1: model input) to layer `last`.

    An operator's scratch has no names: no layer reads or writes it but its own.
    """

    names: tuple[str, ...]
    size: int
    first: int
    last: int


class Gap(NamedTuple):
    """The newer buffer starts `below` bytes or more below the older one's start, or `above` or more above."""

    below: int
    above: int


Trails = Mapping[tuple[int, int], Gap]
"""What operators state of a buffer that dies as another is born, by (older, newer).

Buffers that are alive together and not named here are disjoint.
"""


Near = Sequence[Sequence[tuple[int, int, int]]]
"""For every buffer: another, and where it must not start: an open interval seen from the other."""


def search(buffers: Sequence[Buffer], trails: Trails, bound: int, alignment: int, work: int) -> Sequence[int]:
    """The lowest placement that is found before the work is done or the bound is reached."""
    return _search(tuple(buffers), tuple(trails.items()), bound, alignment, work)


@functools.lru_cache(64)  # one network is planned for several boards, and again by whoever tells of the plan
def _search(
    buffers: tuple[Buffer, ...],
    trails: tuple[tuple[tuple[int, int], Gap], ...],
    bound: int,
    alignment: int,
    work: int,
) -> Sequence[int]:
    pairs = _pairs(buffers)
    if pairs is None:
        return _stack(buffers, alignment)
    near = _neighbours(buffers, dict(trails), pairs)
    best, best_height = None, math.inf
    for order in _orders(buffers, min(SEARCH_STEPS, work // (len(pairs) + len(buffers)))):
        offsets = _pack(buffers, near, order, alignment, best_height)
        if offsets is not None:
            best, best_height = offsets, height(buffers, offsets)
        if best_height <= bound:
            break
    assert best is not None
    return best


def height(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    """The bytes that a placement takes."""
    return max(start + buffer.size for start, buffer in zip(offsets, buffers, strict=True))


def _pairs(buffers: Sequence[Buffer]) -> list[tuple[int, int]] | None:
    """Buffers that are alive together, (older, newer); None where these are too many to list."""
    pairs: list[tuple[int, int]] = []
    alive: list[int] = []
    for new in sorted(range(len(buffers)), key=lambda k: (buffers[k].first, k)):
        alive = [old for old in alive if buffers[old].last >= buffers[new].first]
        pairs += [(old, new) for old in alive]
        alive.append(new)
        if len(pairs) > MOST_PAIRS:
            return None
    return pairs


def _stack(buffers: Sequence[Buffer], alignment: int) -> list[int]:
    """Every buffer above all that were placed before it and are alive at some time with it."""
    offsets = [0] * len(buffers)
    # Bytes taken at each layer, from -1 on.
    heights = np.zeros(max(buffer.last for buffer in buffers) + 2, np.int64)
    for k in sorted(range(len(buffers)), key=lambda k: (buffers[k].first - buffers[k].last, k)):
        life = heights[buffers[k].first + 1 : buffers[k].last + 2]
        offsets[k] = up(int(life.max()), alignment)
        life[:] = offsets[k] + buffers[k].size
    return offsets


def _orders(buffers: Sequence[Buffer], steps: int) -> Iterator[list[int]]:
    """Orders in which to place: what usually works, then a repeatable random search around the large ones."""
    indices = range(len(buffers))
    by_size = sorted(indices, key=lambda k: (-buffers[k].size, buffers[k].first))
    yield by_size
    yield sorted(indices, key=lambda k: (buffers[k].first, -buffers[k].size))
    yield sorted(indices, key=lambda k: (-buffers[k].last, -buffers[k].size))
    yield sorted(indices, key=lambda k: (buffers[k].first - buffers[k].last, -buffers[k].size))
    generator = random.Random(0)
    for _ in range(steps):
        order = list(by_size)
        for _ in range(generator.randint(1, 4)):
            i, j = generator.randrange(len(order)), generator.randrange(len(order))
            order.insert(i, order.pop(j))
        yield order


def _pack(
    buffers: Sequence[Buffer], near: Near, order: Sequence[int], alignment: int, most: float
) -> list[int] | None:
    """Place buffers in `order`, each as low as its placed neighbours allow; None if one ends at `most`."""
    offsets = [-1] * len(buffers)
    for k in order:
        # Open intervals of offsets that a placed neighbour forbids.
        forbidden = [(at + low, at + high) for other, low, high in near[k] if (at := offsets[other]) >= 0]
        forbidden.sort()
        start = 0
        for low, high in forbidden:
            if low >= start:  # the rest begins higher still
                break
            if start < high:
                start = up(high, alignment)
        if start + buffers[k].size >= most:
            return None
        offsets[k] = start
    return offsets


def _neighbours(buffers: Sequence[Buffer], trails: Trails, pairs: Sequence[tuple[int, int]]) -> Near:
    near: list[list[tuple[int, int, int]]] = [[] for _ in buffers]
    for old, new in pairs:
        below, above = trails.get((old, new)) or (buffers[new].size, buffers[old].size)
        near[new].append((old, -below, above))
        near[old].append((new, -above, below))
    return near


def up(size: int, alignment: int) -> int:
    """The next multiple of `alignment`."""
    return -(-size // alignment) * alignment
