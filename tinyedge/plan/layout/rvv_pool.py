# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a pool, gives it back where RVV's kernel is faster: compilers vectorise few channels."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import parts

AVERAGED, LARGEST = 16, 32
"""Channels that clang holds in vectors by itself, of vectors of 128 bits."""


def average_pool_2d(call: Call) -> Call | None:
    """Of many channels."""
    return call if parts.number(call, "channels") > AVERAGED else None


def max_pool_2d(call: Call) -> Call | None:
    """Of more."""
    return call if parts.number(call, "channels") > LARGEST else None
