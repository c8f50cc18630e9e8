# SPDX-License-Identifier: Apache-2.0
"""Takes a Library, gives the files of a project or module for the user's own build system, by format.

A format is a file of this folder, `esp-idf` the file esp_idf.py: `DESCRIPTION` says in a few words what it
makes, `files(library)` gives relative path -> text. What it fills in lies in templates/export/<format>/.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from tinyedge.errors import UsageError

if TYPE_CHECKING:
    from tinyedge.export._library import Library


class Format(Protocol):
    """What a file of this folder has."""

    DESCRIPTION: str

    def files(self, library: Library) -> Mapping[str, str]:
        """Relative path (with "/") -> text; UsageError where the library's core is none of this format's."""


def formats() -> list[str]:
    """The names of the formats, sorted."""
    names = (file.stem for file in Path(__file__).parent.glob("*.py"))
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def find(name: str) -> Format:
    """The format of that name; UsageError lists those that there are."""
    if name not in formats():
        raise UsageError(f"there is no export format {name!r} yet", f"formats: {', '.join(formats())}")
    return cast(Format, importlib.import_module(f"tinyedge.export.{name.replace('-', '_')}"))
