# SPDX-License-Identifier: Apache-2.0
"""Takes a kernel's name and the instruction sets of a board, gives the folder of its fastest twin."""

from __future__ import annotations

from collections.abc import Sequence

from tinyedge import paths


def choose(kernel: str, isa: Sequence[str]) -> str:
    """The first of `isa`, then "portable", that has firmware/kernels/<isa>/<kernel>.c."""
    for folder in (*isa, "portable"):
        if (paths.firmware() / "kernels" / folder / f"{kernel}.c").is_file():
            return folder
    raise AssertionError(f"no kernel {kernel}, not even a portable one")
