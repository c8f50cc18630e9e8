# SPDX-License-Identifier: Apache-2.0
"""What firmware says on the line, where that is not our own link: a file here is a protocol.

It has `files(plan)`, the sources that an image has for it, and `REPLACES`, those of the runtime that it is in
place of. `Options.protocol` names it; "framed", the link of firmware/runtime/link.h, needs none.
"""

from __future__ import annotations

import importlib
from types import ModuleType

FRAMED = "framed"


def of(name: str) -> ModuleType | None:
    """The protocol's module; None for our own link."""
    return None if name == FRAMED else importlib.import_module(f"{__name__}.{name}")
