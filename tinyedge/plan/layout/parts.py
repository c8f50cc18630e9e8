# SPDX-License-Identifier: Apache-2.0
"""Takes a Call, gives the parts of it that layouts look at, and the Call with some of them changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic.requantization import Requantization
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant

PRODUCT = 255**2
"""Of two bytes less their zero points, at most."""


def number(call: Call, field: str) -> int:
    """A parameter that is one number."""
    value = call.params[field]
    assert isinstance(value, int)
    return value


def arrays(call: Call) -> Mapping[str, Constant]:
    """The constant arguments by role."""
    return {a.role: a for a in call.arguments if isinstance(a, Constant)}


def weights(call: Call) -> Array:
    """The array of that role."""
    return arrays(call)["weights"].data


def relaid(constant: Constant, data: Array) -> Constant:
    """The constant with its numbers in the order of `data`."""
    return replace(constant, data=np.ascontiguousarray(data), laid_from=constant.held)


def changed(
    call: Call,
    params: Mapping[str, int] | None = None,
    laid: Mapping[str, int] | None = None,
    arrays: Mapping[str, Constant] | None = None,
) -> Call:
    """`call` with these parameters and arrays instead of its own, and `laid` added to what it has of that."""
    arguments = tuple((arrays or {}).get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return replace(
        call,
        params={**call.params, **(params or {})},
        laid=call.laid if laid is None else {**(call.laid or {}), **laid},
        arguments=arguments,
    )


def scaling(call: Call) -> Requantization:
    """How the arrays "multiplier" and "shift" requantise, before a layout replaces them."""
    multipliers, shifts = (arrays(call)[role].data.astype(np.int64) for role in ("multiplier", "shift"))
    zero_point, low, high = (number(call, f"out_{field}") for field in ("zero_point", "min", "max"))
    return Requantization(multipliers, shifts, call.params.get("once") == 1, zero_point, low, high)


def words(multipliers: Array) -> Mapping[str, Constant]:
    """Arrays "multiplier" and "shift" where the shifts stand elsewhere."""
    return {
        "multiplier": Constant("multiplier", np.ascontiguousarray(multipliers.astype(np.int32))),
        "shift": Constant("shift", np.zeros(1, np.int8)),
    }
