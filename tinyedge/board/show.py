# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a board of ours, gives its TOML to start a board of one's own from."""

from __future__ import annotations

import re

from tinyedge import board as boards
from tinyedge.board import wiring


def show(name: str) -> str:
    """The file's text: untested until its owner has tried it, and with what its chip can do as comments."""
    file = boards.file_of(name)
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^(# SPDX|aliases = ).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r'^verified = ".*"', 'verified = "untested"', text, flags=re.MULTILINE)
    lines = [f"From the board {file.stem} of tinyedge; `tinyedge docs boards` says what a key means."]
    return "".join(f"# {line}\n" for line in (*lines, *wiring.choices(boards.load(name)))) + text
