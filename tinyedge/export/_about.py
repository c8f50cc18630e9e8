# SPDX-License-Identifier: Apache-2.0
"""Takes what a package manager asks of a library, gives it checked: version, author, web address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tinyedge.errors import UsageError


@dataclass(frozen=True)
class About:
    """What package managers ask of a library; author, url may be empty. UsageError where they refuse it."""

    version: str = "1.0.0"
    author: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", self.version):
            raise UsageError(f"the library version {self.version!r} is not of the form 1.2.3")
        if not all(map(str.isprintable, self.author)) or "," in self.author:
            raise UsageError(f"the author {self.author!r} has a comma or an unprintable character in it")
        if self.url and not re.fullmatch(r"https?://[!-~]+", self.url):
            raise UsageError(f"{self.url!r} is no web address", "begin it with https://")
