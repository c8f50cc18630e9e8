# SPDX-License-Identifier: Apache-2.0
"""Signal-processing blocks, one file each: found by file name, they say what they cost and become in C.

A block takes a stream and appends operators to a graph: before a network the rows [1, rows, channels] of one
run, behind it what the network gave, as int32 [1, n]. Its arithmetic is integer, so host and device agree to
the bit; `reference` is the same in floating point by somebody else's library.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Tensor

Reals = NDArray[np.float64]


LARGEST_COUNT = 1 << 24
"""The largest integer of a block's keys: rows, samples, filters."""
LARGEST = 1e12
"""The largest real number of a block's keys, in size; 1 / LARGEST is the smallest that is not 0."""


class Parameters(BaseModel):
    """What a block is told: its keys in [[preprocess]] or [[postprocess]] of tinyedge.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @field_validator("*")
    @classmethod
    def _possible(cls, value: Any) -> Any:
        """Arithmetic with numbers beyond these overflows, and memory for them is on no chip."""
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, tuple):
                cls._possible(one)
            elif isinstance(one, int) and not -LARGEST_COUNT <= one <= LARGEST_COUNT:
                raise ValueError(f"is beyond {LARGEST_COUNT:,}")
            elif isinstance(one, float) and one and not 1 / LARGEST <= abs(one) <= LARGEST:
                raise ValueError(f"is {one:g}; possible are 0 and {1 / LARGEST:g} to {LARGEST:g}")
        return value

    @property
    def unlearnt(self) -> str:
        """The key that is to be learnt from recordings of what is normal; "" where nothing is."""
        return ""


@dataclass(frozen=True)
class Bins:
    """What the columns of a stream are, where they are spectra: of every channel the bins 0 to size / 2.

    A bin is a real and an imaginary part. size: of the transform; hz: from bin to bin, None when not known;
    power: sum of the squares of the window before it.
    """

    size: int
    hz: float | None
    power: float

    @property
    def count(self) -> int:
        """Bins of a spectrum."""
        return self.size // 2 + 1


@dataclass(frozen=True)
class Stream:
    """A graph under construction and the tensor that its last block gives.

    rate_hz: rows a second at this place, runs_hz: runs a second, None when not known; bins: see there. fed,
    said: the network's own input and output, for blocks behind it; "" before it. kept: what the graph shall
    give out beside the last tensor.
    """

    graph: Graph
    tensor: str
    rate_hz: float | None = None
    runs_hz: float | None = None
    bins: Bins | None = None
    fed: str = ""
    said: str = ""
    kept: tuple[str, ...] = ()

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
        return replace(self, graph=graph, tensor=name, bins=None)


def _last(stream: Stream, wanted: Parameters) -> str:
    return stream.tensor


@dataclass(frozen=True)
class Block:
    """One block.

    parameters  the class of its keys
    append      (stream, parameters, name of its tensor) -> stream with its operators behind it; raises
                UsageError where the parameters do not fit the stream
    reference   (real values [runs, rows, channels] of a whole recording, parameters, stream before it) ->
                what it should give, in real values, for the whole recording
    bound       how far it may be from that, or from what it equals; steps are those of its output
    takes       the types of stream that it reads
    spectra     whether these are spectra, as block `fft` gives them
    place       "before" the network, "behind" it, or "either"
    source      (stream, parameters) -> the tensor that it reads, where that is not the stream's last one
    learn       (real values [runs, ...] of that tensor while all is normal, parameters, runs an hour or None
                where nobody knows) -> parameters with what was `unlearnt`
    """

    parameters: type[Parameters]
    append: Callable[[Stream, Any, str], Stream]
    reference: Callable[[Reals, Any, Stream], Reals] | None = field(default=None)
    bound: str = field(kw_only=True)
    takes: tuple[str, ...] = ("int16",)
    spectra: bool = False
    place: Literal["before", "behind", "either"] = "before"
    source: Callable[[Stream, Any], str] = _last
    learn: Callable[[Reals, Any, float | None], Parameters] | None = None


def grid(tensor: Tensor) -> tuple[int, int]:
    """Rows and channels of a stream's tensor: of [1, rows, channels], or of [1, channels], one row."""
    *rows, channels = tensor.shape[1:]
    return (rows[0] if rows else 1), channels


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


def append(stream: Stream, name: str, wanted: Parameters, tensor: str) -> Stream:
    """The stream with block `name` behind it; UsageError where the block does not take what there is."""
    block = lookup(name)
    if block.place == "behind":
        raise UsageError(f"block {name!r} stands behind a network", "put it under [[postprocess]]")
    if block.spectra != (stream.bins is not None):
        given = "rows" if block.spectra else "spectra"
        raise UsageError(
            f"block {name!r} does not take the {given} that {stream.tensor!r} gives",
            "put `fft` before it"
            if block.spectra
            else "put `mel` or `bands` behind `fft`, or use `spectrum`",
        )
    if stream.last.dtype not in block.takes:
        raise UsageError(
            f"block {name!r} takes {' or '.join(block.takes)}; {stream.tensor!r} gives {stream.last.dtype}",
            "put `normalize` between them, which gives int16",
        )
    if stream.last.quantization is None or any(stream.last.quantization.zero_point):
        raise UsageError(
            f"block {name!r} takes a zero point of 0, and that of {stream.tensor!r} is another",
            "leave out `zero_point` of the `normalize` before it",
        )
    try:
        return block.append(stream, wanted, tensor)
    except ValidationError as error:  # of a block within it
        raise UsageError(
            f"block {name!r} makes rows of {stream.tensor!r} that are beyond {LARGEST_COUNT:,}",
            "give a smaller `hop` under [input], or a shorter window",
        ) from error


def step(stream: Stream, block: str) -> float:
    """What one step of every value of the stream is worth; UsageError where channels differ."""
    assert stream.last.quantization is not None
    scales = set(stream.last.quantization.scale)
    if len(scales) > 1:
        raise UsageError(
            f"block {block!r} takes values of one unit, and {stream.tensor!r} gives steps from"
            f" {min(scales):g} to {max(scales):g}",
            "put `normalize` between them",
        )
    return min(scales)


def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}")
