# SPDX-License-Identifier: Apache-2.0
"""Takes what a user chose, gives Options: how a model is compiled, checked once for all who may choose."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from tinyedge.errors import UsageError

Optimize = Literal["speed", "balanced", "size"]
Rounding = Literal["litert", "tflm"]
Protocol = Literal["framed", "mlperf"]
CHOICES: dict[str, tuple[str, ...]] = {
    "optimize": get_args(Optimize),
    "rounding": get_args(Rounding),
    "protocol": get_args(Protocol),
}


@dataclass(frozen=True)
class Options:
    """How a model is compiled. UsageError for a value that is none of a field's choices.

    optimize: "speed" (every layer specialised), "size" (layers share code) or "balanced" (specialised are
    layers with much of the work, and equal ones share). rounding: whose reference kernels the chip must
    equal. compiler: one that the board's core names, a program, or a prefix such as "arm-none-eabi-"; None
    for the board's default. protocol: what the firmware says on the line, "framed" (our own link, which all
    our commands speak) or "mlperf" (MLPerf Tiny's, for MLCommons' runner).
    """

    optimize: Optimize = "speed"
    rounding: Rounding = "litert"
    compiler: str | None = None
    protocol: Protocol = "framed"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, choices = getattr(self, field.name), CHOICES.get(field.name)
            if choices is not None and value not in choices:
                known = " or ".join(f'"{choice}"' for choice in choices)
                raise UsageError(f"{field.name} is {value!r}", f"{field.name} may be {known}")
        if self.compiler is not None and not (isinstance(self.compiler, str) and self.compiler.strip()):
            raise UsageError(
                f"compiler is {self.compiler!r}",
                "name a compiler of the board (`tinyedge doctor --board B`), a program or a prefix",
            )


DEFAULT = Options()
