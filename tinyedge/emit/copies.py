# SPDX-License-Identifier: Apache-2.0
"""Takes a Plan, gives what templates know of the copies of kernels that several layers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinyedge import names, text
from tinyedge.ops import Call, Constant, Input
from tinyedge.plan import Plan
from tinyedge.plan.sharing import Copy, Own, Place, Value, given
from tinyedge.plan.sharing import fields as fields_of
from tinyedge.text import Code

OWN = "own"
"""The parameter of a copy that points to what the call has of its own."""


@dataclass(frozen=True)
class Shared:
    """The copy that a call uses, and the values of its own for it."""

    name: Code
    own: list[Code]


@dataclass(frozen=True)
class Copies:
    """What templates know of every copy in order, and what calls have of one."""

    described: list[dict[str, Any]]
    used: dict[Place, Shared]


def copies(plan: Plan, prefix: Code) -> Copies:
    """All copies of a plan."""
    described, used = [], {}
    for number, copy in enumerate(plan.copies):
        name = text.identifier(names.shared(prefix, number))
        described.append(_described(plan, copy, name))
        for place in copy.calls:
            used[place] = Shared(name, [_value(_call(plan, place), own) for own in copy.own])
    return Copies(described, used)


def fields(values: Mapping[str, Value] | Mapping[str, int]) -> list[Code]:
    """Fields of a struct and their values, as an initialiser of C lists them."""
    return [text.code(".{} = {}", text.identifier(name), _number(value)) for name, value in values.items()]


def _described(plan: Plan, copy: Copy, name: Code) -> dict[str, Any]:
    calls = [_call(plan, place) for place in copy.calls]
    first = calls[0]
    contract = text.identifier(f"te_{first.contract}")
    laid_type = text.identifier(f"te_{first.contract}_{first.isa}")
    pointers = [text.code("a{}", i) for i in range(len(first.arguments))]
    own = [text.code("const struct {} *{}", name, text.identifier(OWN))] if copy.own else []
    structs = ["&given"] if first.laid is None else ["&given", "&laid"]
    parameters = [
        text.code("{}void *{}", _qualifier([call.arguments[i] for call in calls]), pointer)
        for i, pointer in enumerate(pointers)
    ]
    return {
        "name": name,
        "small": plan.layers[copy.calls[0][0]].small,
        "function": text.identifier(names.kernel(first.kernel, first.isa)),
        "of": {layer for layer, _ in copy.calls},
        "users": text.code("{}", text.numbers([layer for layer, _ in copy.calls])),
        "own": [_declared(own, laid_type if own.laid else contract) for own in copy.own],
        "contract": contract,
        "laid_type": laid_type,
        "params": _initialised(calls, copy, laid=False),
        "params_as": _storage(copy, laid=False),
        "laid": None if first.laid is None else _initialised(calls, copy, laid=True),
        "laid_as": _storage(copy, laid=True),
        "parameters": text.join([*own, *parameters], ",\n    "),
        "passed": text.join([*map(text.code, structs), *pointers], ", "),
    }


def _call(plan: Plan, place: Place) -> Call:
    layer, number = place
    return plan.layers[layer].calls[number]


def _qualifier(arguments: Sequence[object]) -> Code:
    """What one call only reads no other writes: they are the same parameter of the kernel."""
    return text.code("const " if any(isinstance(one, Input | Constant) for one in arguments) else "")


def _field(own: Own) -> Code:
    return text.identifier(f"{'laid' if own.laid else 'given'}_{own.name}")


def _declared(own: Own, of: Code) -> Code:
    """A field of the struct with what calls have of their own."""
    if own.byte is None:
        return text.code("__typeof__((({} *)0)->{}) {}", of, text.identifier(own.name), _field(own))
    array = text.code("") if own.count is None else text.code("[{}]", own.count)
    return text.code("{} {}{}", text.identifier(own.byte), _field(own), array)


def _storage(copy: Copy, laid: bool) -> Code:
    """How a copy has a struct, in which some of it may be a call's own."""
    return text.code("const" if any(own.laid == laid for own in copy.own) else "TE_COMMON")


def _initialised(calls: Sequence[Call], copy: Copy, laid: bool) -> list[Code]:
    """All fields of a struct, those that are a call's own read from there."""
    read = {one.name: _read(one) for one in copy.own if one.laid == laid}
    return [
        text.code(".{} = {}", text.identifier(name), read[name] if name in read else _number(values[0]))
        for name, values in fields_of(calls, laid).items()
    ]


def _read(own: Own) -> Code:
    place = text.code("{}->{}", text.identifier(OWN), _field(own))
    if own.count is None:
        return place
    return text.code("{{{}}}", text.join([text.code("{}[{}]", place, i) for i in range(own.count)], ", "))


def _value(call: Call, own: Own) -> Code:
    return text.code(".{} = {}", _field(own), _number(given(call, own.laid).get(own.name, 0)))


def _number(value: Value) -> Code | int:
    return text.code("{{{}}}", text.numbers(value)) if isinstance(value, tuple) else value
