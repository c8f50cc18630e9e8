# SPDX-License-Identifier: Apache-2.0
"""Takes a Call and the folder of its kernel, gives the Call with its arrays as that kernel reads them.

A kernel whose arrays are not its portable twin's has a file here, <folder>_<kernel>.py, with a `lay_out`.
"""

from __future__ import annotations

import importlib
import pkgutil

from tinyedge.ops import Call


def lay_out(call: Call, isa: str) -> Call:
    """The call for firmware/kernels/<isa>/<kernel>.c; as it is where that kernel has no layout of its own."""
    name = f"{isa}_{call.kernel}"
    if name not in {info.name for info in pkgutil.iter_modules(__path__)}:
        return call
    laid_out = importlib.import_module(f"{__name__}.{name}").lay_out(call)
    assert isinstance(laid_out, Call)
    return laid_out
