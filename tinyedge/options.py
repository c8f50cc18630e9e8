# SPDX-License-Identifier: Apache-2.0
"""Takes what a user chose, gives Options: how a model is compiled, checked once for all who may choose."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal, get_args

from tinyedge.errors import UsageError

Optimize = Literal["balanced", "speed", "size"]
Rounding = Literal["litert", "tflm"]
Protocol = Literal["framed", "mlperf"]
CHOICES: dict[str, tuple[str, ...]] = {
    "optimize": get_args(Optimize),
    "rounding": get_args(Rounding),
    "protocol": get_args(Protocol),
}

_BYTES = re.compile(r"(\d{1,15}) ?(?:([km])(?:i?b)?)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


def count_of_bytes(given: int | str) -> int:
    """What 65536, "65536", "64K", "64 KiB" or "1M" mean. ValueError for anything else, and for none."""
    found = _BYTES.fullmatch(str(given).strip())
    count = int(found[1]) * _UNITS[(found[2] or "").lower()] if found else 0
    if count < 1:
        raise ValueError(f"{given!r} is no number of bytes such as 65536, 64K or 1M")
    return count


@dataclass(frozen=True)
class Options:
    """How a model is compiled. UsageError for a value that is none of a field's choices.

    optimize: "balanced" (specialised are layers with much of the work, and equal ones share), "speed" (every
    layer specialised) or "size" (layers share code). rounding: whose reference kernels the chip must equal.
    compiler: one that the board's core names, a program, or a prefix such as "arm-none-eabi-"; None for the
    board's default. protocol: what the firmware says on the line, "framed" (our own link, which all
    our commands speak) or "mlperf" (MLPerf Tiny's, for MLCommons' runner). flash: how many bytes of flash a
    balanced image may take; None for what the layers' work says.
    """

    optimize: Optimize = "balanced"
    rounding: Rounding = "litert"
    compiler: str | None = None
    protocol: Protocol = "framed"
    flash: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value, choices = getattr(self, field.name), CHOICES.get(field.name)
            if choices is not None and value not in choices:
                known = " or ".join(f'"{choice}"' for choice in choices)
                raise UsageError(f"{field.name} is {value!r}", f"{field.name} may be {known}")
        if self.flash is not None and (type(self.flash) is not int or self.flash < 1):
            raise UsageError(f"flash is {self.flash!r}", "give a number of bytes")
        if self.flash is not None and self.optimize != "balanced":
            raise UsageError(
                f"{self.flash:,} bytes of flash are given and what is optimised for is {self.optimize!r}",
                "only `balanced` keeps to a number of bytes: choose that, or leave `flash` out",
            )
        if self.compiler is not None and not (isinstance(self.compiler, str) and self.compiler.strip()):
            raise UsageError(
                f"compiler is {self.compiler!r}",
                "name a compiler of the board (`tinyedge doctor --board B`), a program or a prefix",
            )


DEFAULT = Options()
