# SPDX-License-Identifier: Apache-2.0
"""Operators, one file each: found by file name, they say what they read, require, cost and become in C."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor

if TYPE_CHECKING:
    from tinyedge.ops.channels import Channels


@dataclass(frozen=True)
class Input:
    """Kernel argument: pointer to activation `name` in the arena, in a loop `stride` bytes on a step."""

    name: str
    stride: int = 0


@dataclass(frozen=True)
class Output:
    """Kernel argument: pointer to the result `name` in the arena, in a loop `stride` bytes on a step."""

    name: str
    stride: int = 0


@dataclass(frozen=True)
class Constant:
    """Kernel argument: pointer to `data` in flash.

    `role` names the array in C. `weight` is true for what the model file itself holds (weights and biases).
    `laid_from` is the array before a kernel's layout reordered and padded it, if one did.
    """

    role: str
    data: Array
    weight: bool = False
    laid_from: Array | None = None

    @property
    def held(self) -> Array:
        """The array as it was before any layout: what counts as weights."""
        return self.data if self.laid_from is None else self.laid_from


@dataclass(frozen=True)
class Scratch:
    """Kernel argument: pointer to `bytes` of the arena that nothing else uses while the operator runs.

    They hold anything at first. Those of an operator that bear the same name are the same memory, by which
    one call can leave something to the next; the pointer is to byte `at` of it.
    """

    bytes: int
    name: str = "scratch"
    at: int = 0


@dataclass(frozen=True)
class State:
    """Kernel argument: pointer to the state `name`, which lives from one run to the next."""

    name: str


Argument = Input | Output | Constant | Scratch | State


@dataclass(frozen=True)
class Call:
    """One call of a kernel: te_<kernel>_<isa>(&params, arguments...).

    `contract` is the header in firmware/kernels/ that declares te_<contract>, whose fields `params` sets.
    `isa` is the kernel's folder, once the planner has chosen it. `laid`: fields of te_<contract>_<isa>, which
    firmware/kernels/<isa>/<contract>.h declares and the kernel takes second, where it needs more than the
    operator's parameters.
    `ahead`: pixels of output that the kernel may write before it is done with inputs that, in the contract's
    order, it would be done with by then; not 0 where a layout's kernel makes several pixels at once.
    `source`: of a hook, the user's own C in place of a kernel's file.
    `ordered`: False where there is but one pixel, all of whose inputs are read before it is written.
    """

    contract: str
    kernel: str
    params: Mapping[str, int | tuple[int, ...]]
    arguments: tuple[Argument, ...]
    isa: str = ""
    laid: Mapping[str, int] | None = None
    ahead: int = 0
    ordered: bool = True
    source: str | None = None

    def __post_init__(self) -> None:
        """Constants of a call have a role each: by it they are told apart in C."""
        roles = [argument.role for argument in self.arguments if isinstance(argument, Constant)]
        assert len(roles) == len(set(roles)), f"{self.kernel} has two constants of one role: {roles}"


@dataclass(frozen=True)
class Case:
    """A single-operator model for the tests: LiteRT's answer on it is the truth.

    Inputs without data are fed at random, within `ranges` (lowest, highest, by name) where not all numbers of
    their type make sense. `options` are TFLite builtin options by their flatbuffer field names, `more` the
    outputs after the first. Inputs named in `states` are variable tensors, `intermediates` an operator's own.
    """

    name: str
    operator: str
    inputs: tuple[Tensor | None, ...]
    output: Tensor
    options: Mapping[str, Any]
    more: tuple[Tensor, ...] = ()
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    intermediates: tuple[Tensor, ...] = ()

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """All outputs in order."""
        return (self.output, *self.more)


def _none(graph: Graph, op: Op) -> int:
    return 0


def _no_overlap(graph: Graph, op: Op, source: str) -> int | None:
    return None


def _no_cases() -> Iterator[Case]:
    return iter(())


@dataclass(frozen=True)
class Operator:
    """What the compiler knows of one operator (or a family that differs by a formula).

    tflite     TFLite builtin names it implements (of a block: BLOCK_ and a name of its own)
    read       (builtin options as a dict, all inputs with constants) -> attributes; raises Unsupported
    infer      the shape every output must have; raises Unsupported where types, scales or shapes do not fit
    calls      the kernels that it becomes, one after another, under a rounding ("litert" or "tflm"); None for
               a view, which costs nothing
    macs       multiply-accumulates of one inference
    distance   bytes D such that the output may start at or below (start of `source`) - D although `source`
               is still being read; None where they must not overlap. True for the read and write order that
               the kernel contracts fix, so for every kernel of the operator, all its calls taken together.
    rise       bytes R such that the output may start at or above (start of `source`) + R when the kernel
               works from the last output to the first, as its parameter `reverse` says; None where it
               cannot. Only for operators that read one activation and are one call.
    cases      single-operator models for the tests
    stateful   whether it takes states (see Graph) among its inputs
    begins     (graph, operator as the file has it) -> initial values of states that the file does not list,
               by a name of each; they follow its inputs. Raises Unsupported as `read`.
    warm_up    runs from the initial states on whose outputs do not mean anything yet: a window is not full,
               a filter has not settled
    tflm_differs  True where the rounding "tflm" gives other results than LiteRT's reference kernels, which
               then cannot judge them
    effort     multiply-accumulates of a convolution that take as long as one of its own, about
    channels   what it knows of single channels; None: it needs all, and gives anything
    """

    tflite: tuple[str, ...]
    infer: Callable[[Graph, Op], tuple[tuple[int, ...], ...]]
    calls: Callable[[Graph, Op, str], tuple[Call, ...]] | None
    read: Callable[[Mapping[str, Any], tuple[Tensor | None, ...]], dict[str, Any]] = lambda *_: {}
    macs: Callable[[Graph, Op], int] = _none
    distance: Callable[[Graph, Op, str], int | None] = _no_overlap
    rise: Callable[[Graph, Op, str], int | None] = _no_overlap
    cases: Callable[[], Iterator[Case]] = _no_cases
    stateful: bool = False
    begins: Callable[[Graph, Op], Mapping[str, Array]] | None = None
    warm_up: Callable[[Graph, Op], int] = _none
    tflm_differs: bool = False
    effort: int = 1
    channels: Channels | None = None


@functools.cache
def operators() -> Mapping[str, Operator]:
    """Every operator by its TFLite builtin name."""
    return _found(__name__)


@functools.cache
def _blocks() -> Mapping[str, Operator]:
    """Every operator of a signal-processing block; no TFLite file can name one."""
    return _found("tinyedge.blocks")


def _found(package: str) -> Mapping[str, Operator]:
    found: dict[str, Operator] = {}
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        operator = getattr(importlib.import_module(f"{package}.{info.name}"), "operator", None)
        if operator is not None:
            found.update(dict.fromkeys(operator.tflite, operator))
    return found


def lookup(kind: str) -> Operator:
    """The operator of an Op's kind."""
    name = kind.upper()
    return operators()[name] if name in operators() else _blocks()[name]


def is_view(kind: str) -> bool:
    """Whether an Op's kind is an operator that only gives its input's bytes another shape."""
    found = operators().get(kind.upper())
    return found is not None and found.calls is None


def require(condition: bool, graph: Graph, op: Op, what: str, hint: str) -> None:
    """Raise Unsupported, naming layer and operator, unless `condition` holds."""
    if not condition:
        raise Unsupported(f"layer {op.name!r} ({op.kind.upper()}): {what}", hint)
