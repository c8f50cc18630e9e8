# SPDX-License-Identifier: Apache-2.0
"""Takes a Call and a kernel folder, gives the Call with its arrays as the kernels of that folder read them.

A file of this folder is called as the kernel folder and has LAYOUTS: kernel name -> (Call -> Call, or None
where the folder's kernel cannot do this call). What is not in it keeps the portable layout. SMALL, where
it has one, has others in their place where size counts.
Its ALIGNMENT, where it has one, is what activations, states and constants begin at multiples of, in bytes,
and how many more its kernels may read behind the last activation.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from tinyedge.ops import Call
from tinyedge.options import Optimize

WORD = 4
"""The least alignment, in bytes."""
Layout = Callable[[Call], Call | None]


def lay_out(call: Call, isa: str, optimize: Optimize) -> Call | None:
    """`call` laid out for the kernels of folder `isa`; None where they cannot do it."""
    layouts: Mapping[str, Layout] = getattr(_module(isa), "LAYOUTS", {})
    if optimize == "size":
        layouts = {**layouts, **getattr(_module(isa), "SMALL", {})}
    return layouts[call.kernel](call) if call.kernel in layouts else call


def alignment(isa: Sequence[str]) -> int:
    """What the kernels of these folders need activations, states and constants aligned to, in bytes."""
    return max((getattr(_module(folder), "ALIGNMENT", WORD) for folder in isa), default=WORD)


@functools.cache
def _module(isa: str) -> ModuleType | None:
    known = {info.name for info in pkgutil.iter_modules(__path__)}
    return importlib.import_module(f"{__name__}.{isa}") if isa in known else None
