# SPDX-License-Identifier: Apache-2.0
"""Takes tensors of some frames by name, gives what others of the graph must be, by whoever knows them.

A tensor is known by its name in the graph. LiteRT speaks for those of the model file (litert.py); what a
pass or a block made has another reference, or none. A chain asks the first that knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinyedge.graph import Array


class Reference(Protocol):
    """Somebody else's implementation of a part of the graph, which follows a stream of frames."""

    @property
    def name(self) -> str:
        """Who it is, for people."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The tensors that it must be given."""
        ...

    def knows(self, tensor: str) -> bool:
        """Whether it can say what a tensor must be; not of those that it is given."""
        ...

    def reset(self) -> None:
        """Begin a new stream: forget all frames."""

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """The stream's next N frames: `given` has all that it needs, [N, ...] each; gives [N, ...] each."""
        ...


@dataclass(frozen=True)
class Chain:
    """References as one: each tensor is spoken for by the first that knows it."""

    references: tuple[Reference, ...]

    @property
    def name(self) -> str:
        """All of them."""
        return " and ".join(dict.fromkeys(reference.name for reference in self.references))

    @property
    def needs(self) -> tuple[str, ...]:
        """What any of them needs, once each."""
        return tuple(dict.fromkeys(name for reference in self.references for name in reference.needs))

    def knows(self, tensor: str) -> bool:
        """Whether any of them can say what a tensor must be."""
        return any(reference.knows(tensor) for reference in self.references)

    def reset(self) -> None:
        """Begin a new stream."""
        for reference in self.references:
            reference.reset()

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """As of each; every one follows each frame, so that all are at the same place of the stream."""
        found: dict[str, Array] = {}
        for reference in self.references:
            own = [name for name in wanted if name not in found and reference.knows(name)]
            found |= reference.follow({name: given[name] for name in reference.needs}, own)
        return found


@dataclass(frozen=True)
class Relay:
    """References in the order of the graph, each fed with what those before it gave: all from the inputs."""

    references: tuple[Reference, ...]

    @property
    def name(self) -> str:
        """All of them."""
        return Chain(self.references).name

    @property
    def needs(self) -> tuple[str, ...]:
        """What none before gives."""
        wanted = [
            name
            for at, reference in enumerate(self.references)
            for name in reference.needs
            if not any(earlier.knows(name) for earlier in self.references[:at])
        ]
        return tuple(dict.fromkeys(wanted))

    def knows(self, tensor: str) -> bool:
        """Whether any of them can say what a tensor must be."""
        return Chain(self.references).knows(tensor)

    def reset(self) -> None:
        """Begin a new stream."""
        Chain(self.references).reset()

    def follow(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """As of each, one after another."""
        known = dict(given)
        for at, reference in enumerate(self.references):
            later = [name for each in self.references[at + 1 :] for name in each.needs]
            own = [n for n in dict.fromkeys((*wanted, *later)) if n not in known and reference.knows(n)]
            known |= reference.follow({name: known[name] for name in reference.needs}, own)
        return {name: known[name] for name in wanted}
