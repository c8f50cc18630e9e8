# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives an Arduino library (specification 1.5, revision 2.2): metadata, src/, an example."""

from __future__ import annotations

from tinyedge.errors import UsageError
from tinyedge.export._library import Library

DESCRIPTION = "Arduino library"
LONGEST = 63
"""Characters of a library's name."""


def files(library: Library) -> dict[str, str]:
    """The library. The IDE compiles every C file below src/: all kernels are in the one that is there."""
    if len(library.name) > LONGEST:
        raise UsageError(
            f"{library.name} has {len(library.name)} characters, an Arduino library's name at most {LONGEST}",
            "give the model a shorter file name, or `name` in tinyedge.toml",
        )
    sketch = "examples/self_check"
    return {
        "library.properties": library.render("arduino/library.properties.j2"),
        "keywords.txt": library.render("arduino/keywords.txt.j2"),
        "README.md": library.render("arduino/README.md.j2"),
        f"src/{library.name}.h": library.header,
        f"src/{library.name}.c": library.render("arduino/preamble.c.j2") + library.amalgamated(),
        f"{sketch}/self_check.ino": library.render("arduino/self_check.ino.j2"),
        **{f"{sketch}/{path}": text for path, text in library.check_files().items()},
    }
