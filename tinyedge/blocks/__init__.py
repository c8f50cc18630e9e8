# SPDX-License-Identifier: Apache-2.0
"""Signal-processing blocks, one file each: found by file name, they say what they cost and become in C.

A block takes a stream, int16 samples [1, rows, channels] of one run, and appends operators to a graph. Its
arithmetic is integer, so host and device agree to the bit; `reference` is the same in floating point by
somebody else's library, and `bound` how far the two may be apart.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Tensor

Reals = NDArray[np.float64]


class Parameters(BaseModel):
    """What a block is told: its keys in [[preprocess]] or [[postprocess]] of tinyedge.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Stream:
    """A graph under construction and the tensor that its last block gives.

    rate_hz: rows a second at this place, None when not known.
    """

    graph: Graph
    tensor: str
    rate_hz: float | None = None

    @property
    def last(self) -> Tensor:
        """The tensor that the next block reads."""
        return self.graph.tensors[self.tensor]

    def then(
        self,
        kind: str,
        target: Tensor,
        attrs: Mapping[str, Any],
        states: Mapping[str, Array] | None = None,
        more: tuple[str, ...] = (),
    ) -> Stream:
        """One more operator: reads the last tensor, then `more` and `states`; writes `target`.

        Names of states are made the operator's own.
        """
        name = target.name
        kept = {f"{name}/{key}": value for key, value in (states or {}).items()}
        held = {key: Tensor(key, value.shape, value.dtype.name) for key, value in kept.items()}
        op = Op(kind, name, (self.tensor, *more, *kept), (name,), attrs)
        graph = replace(
            self.graph,
            tensors={**self.graph.tensors, name: target, **held},
            ops=(*self.graph.ops, op),
            states={**self.graph.states, **kept},
        )
        return replace(self, graph=graph, tensor=name)


@dataclass(frozen=True)
class Block:
    """One block.

    parameters  the class of its keys
    append      (stream, parameters, name of its tensor) -> stream with its operators behind it; raises
                UsageError where the parameters do not fit the stream
    reference   (real values [rows, channels] of a whole recording, parameters, stream before it) -> what it
                should give, in real values, for the whole recording
    """

    parameters: type[Parameters]
    append: Callable[[Stream, Any, str], Stream]
    reference: Callable[[Reals, Any, Stream], Reals] | None = field(default=None)


def names() -> tuple[str, ...]:
    """Every block, as `block = "..."` names it."""
    found = (info.name for info in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if hasattr(_module(name), "block")))


def lookup(name: str) -> Block:
    """The block called `name`; UsageError lists those that there are."""
    if name not in names():
        raise UsageError(f"there is no block {name!r}", f"choose one of {', '.join(names())}")
    block: Block = _module(name).block
    return block


def parse(name: str, keys: Mapping[str, Any]) -> Parameters:
    """The parameters of block `name` from the keys of its table; UsageError names the one that is wrong."""
    wanted = lookup(name).parameters
    try:
        return wanted.model_validate(dict(keys))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = ", ".join(wanted.model_fields)
        raise UsageError(f"block {name!r}: {key}: {first['msg']}", f"its keys are {known}") from None


def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}")
