# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives a C module for who builds MicroPython: its C, micropython.mk, micropython.cmake."""

from __future__ import annotations

from tinyedge import text
from tinyedge.export._library import Library
from tinyedge.micropython import portable

DESCRIPTION = "C module for a firmware of MicroPython's"


def files(library: Library) -> dict[str, str]:
    """NAME.h and NAME.c, the module around them, and what MicroPython's two build systems read."""
    facts = portable.facts(library.compiled.plan) | {"module": text.identifier(library.name)}
    return {
        f"{library.name}.h": library.header,
        f"{library.name}.c": library.amalgamated(),
        f"{library.name}_module.c": library.render("micropython/module.c.j2", **facts),
        "micropython.mk": library.render("micropython/micropython.mk.j2"),
        "micropython.cmake": library.render("micropython/micropython.cmake.j2"),
        "README.md": library.render("micropython/README.md.j2", **facts),
    }
