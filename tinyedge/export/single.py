# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives one header and one C file with everything in it, to copy into any project."""

from __future__ import annotations

from tinyedge.export._library import Library

DESCRIPTION = "one header and one C file"


def files(library: Library) -> dict[str, str]:
    """NAME.h and NAME.c, with an example beside them."""
    return {
        f"{library.name}.h": library.header,
        f"{library.name}.c": library.amalgamated(),
        "README.md": library.render("single/README.md.j2"),
        "example/main.c": library.render("common/main.c.j2"),
        **{f"example/{path}": text for path, text in library.check_files().items()},
    }
