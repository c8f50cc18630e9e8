# SPDX-License-Identifier: Apache-2.0
"""Takes a call and a board's instruction sets, gives the fastest kernel's folder and the laid-out call."""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge import paths
from tinyedge.ops import Call
from tinyedge.plan import layout


def choose(call: Call, isa: Sequence[str]) -> tuple[Call, str]:
    """The first of `isa`, then "portable", that has a kernel for this call; and the call with its layout."""
    for folder in (*isa, "portable"):
        laid = layout.lay_out(call, folder)
        if laid is not None and (paths.firmware() / "kernels" / folder / f"{laid.kernel}.c").is_file():
            return laid, folder
    raise AssertionError(f"no kernel {call.kernel}, not even a portable one")
