# SPDX-License-Identifier: Apache-2.0
"""Takes bytes from a line that were no frames, gives what they tell of a restart: cause and next step."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Restart:
    """Why a board started anew, in the words of its boot ROM or system, and the next step."""

    words: str
    hint: str


# What Espressif's boot ROMs and ESP-IDF print: "rst:0x7 (TG0WDT_SYS_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)".
_ESPRESSIF = re.compile(rb"rst:(0x[0-9a-fA-F]+) \((\w+)\)")
_HINTS = (  # the first whose word is in the cause
    ("BROWN", "the supply sags: another cable, a powered hub, or less load on the board"),
    ("WDT", "a watchdog ended it: a layer that takes too long, or a fault; please report it"),
    ("USB", "the host's serial driver pulled its reset line: is another program opening the port?"),
    ("POWERON", "power came, or its reset line was pulled: is the cable loose?"),
)
_OTHERS = (
    (rb"waiting for download", "it waits for a download", "press RESET without BOOT, or flash it"),
    (rb"invalid header: 0x", "its flash holds no image", "flash it: `tinyedge flash`"),
    (rb"Brownout detector was triggered", "the brownout detector was triggered", _HINTS[0][1]),
    (rb"Guru Meditation Error", "other firmware crashed (Guru Meditation)", "flash it: `tinyedge flash`"),
)


def find(noise: bytes) -> Restart | None:
    """The latest restart that `noise` tells of; None when it tells of none."""
    for pattern, words, hint in _OTHERS:
        if re.search(pattern, noise):
            return Restart(words, hint)
    causes = _ESPRESSIF.findall(noise)
    if not causes:
        return None
    code, name = (part.decode() for part in causes[-1])
    hint = next((hint for word, hint in _HINTS if word in name), "the chip's manual tells this cause")
    return Restart(f"reset cause {code} {name}", hint)


def is_text(data: bytes) -> bool:
    """Whether `data` reads as lines of text; what a UART takes in at a wrong rate does not."""
    printable = sum(byte in b"\t\n\r\x1b" or 0x20 <= byte < 0x7F for byte in data)
    return bool(data) and printable >= 0.9 * len(data)
