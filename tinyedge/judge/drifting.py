# SPDX-License-Identifier: Apache-2.0
"""Takes what a device's counters hold, says how far its world is from the one that was learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyedge.blocks.drift import stability_index
from tinyedge.build import CLOSED, Build, Counters, Slot
from tinyedge.graph import Array

CHANGED, LITTLE = 0.25, 0.1
"""Population stability indices from which on a world has changed, or a little."""


@dataclass(frozen=True)
class Drift:
    """values: counted, bin by bin; expected: shares of 1; index: the population stability index, or None.

    below: the bound of two bins, where there is one.
    """

    __pydantic_config__ = CLOSED
    of: str
    counts: tuple[int, ...]
    expected: tuple[float, ...]
    index: float | None
    below: float | None = None

    @property
    def words(self) -> str:
        """The index and what it means."""
        if self.index is None:
            return "nothing counted yet"
        meaning = "changed" if self.index > CHANGED else "a little" if self.index > LITTLE else "no change"
        said = f"{self.index:.3f} ({meaning}; of {sum(self.counts):,} values)"
        if self.below is None:
            return said
        share, learnt = self.counts[0] / sum(self.counts), self.expected[0]
        return f"{said}, {share:.1%} not above {self.below:g} (learnt {learnt:.1%})"


def of(build: Build, read: Callable[[Slot], Array]) -> tuple[Drift, ...]:
    """Of every counter of the build; read: gives what one of its outputs holds."""
    counters = build.decision.counters if build.decision else ()
    slots = {slot.name: slot for slot in build.outputs}
    return tuple(_drift(each, read(slots[each.name])) for each in counters)


def _drift(counters: Counters, values: Array) -> Drift:
    counts = tuple(int(count) for count in values.ravel())
    index = stability_index(counters.expected, counts) if sum(counts) else None
    return Drift(counters.of, counts, counters.expected, index, counters.below)
