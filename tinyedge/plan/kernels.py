# SPDX-License-Identifier: Apache-2.0
"""Takes a call and a board's instruction sets, gives the call of the fastest kernel, laid out for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinyedge import names, paths
from tinyedge.ops import Call
from tinyedge.options import Optimize
from tinyedge.plan import layout


def choose(call: Call, isa: Sequence[str], optimize: Optimize) -> Call:
    """`call` with the layout of the first of `isa`, then "portable", that has a kernel for it."""
    if call.source is not None:
        return replace(call, isa=names.HOOK)
    for folder in (*isa, "portable"):
        laid = layout.lay_out(call, folder, optimize)
        if laid is not None and (paths.firmware() / "kernels" / folder / f"{laid.kernel}.c").is_file():
            return replace(laid, isa=folder)
    raise AssertionError(f"no kernel {call.kernel}, not even a portable one")
