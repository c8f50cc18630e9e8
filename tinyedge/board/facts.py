# SPDX-License-Identifier: Apache-2.0
"""Takes a TOML file and the class of its facts, gives them checked; a wrong one is named by file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinyedge import paths
from tinyedge.errors import UsageError

# Names become folders, files and -I options: no "..", no absolute path, nothing that begins with "-".
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
Name = Annotated[str, Field(pattern=rf"^{NAME}$")]
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
Folder = Annotated[str, Field(pattern=rf"^{_PART}(/{_PART}){{0,9}}$")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(gt=0)]
Word = Annotated[int, Field(ge=0, lt=1 << 32)]
"""What a register or an address of 32 bits holds."""


class Facts(BaseModel):
    """Values that a file states, each key known and of its type."""

    # What checks them is made where the first ones are read, at once for those within others.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Region(Facts):
    """A range of addresses, in bytes."""

    origin: Count
    length: Positive

    def holds(self, address: int) -> bool:
        """Whether the byte at `address` is in it."""
        return self.origin <= address < self.origin + self.length

    def contains(self, other: Region) -> bool:
        """Whether all of `other` is in it."""
        return self.origin <= other.origin and other.origin + other.length <= self.origin + self.length


Kind = TypeVar("Kind", bound=Facts)


def read(file: Path) -> dict[str, Any]:
    """The keys of a file, its lists as tuples; UsageError where it is no TOML."""
    facts, _ = paths.read_toml(file)
    try:
        return {key: _frozen(value) for key, value in facts.items()}
    except RecursionError as error:  # by dotted keys
        raise UsageError(f"{file} is not TOML of ours: it is nested too deeply") from error


def check(kind: type[Kind], facts: dict[str, Any], file: Path) -> Kind:
    """The facts as a `kind`; UsageError names the file and the first wrong key."""
    try:
        return kind.model_validate(facts)
    except ValidationError as error:
        first, *others = error.errors()
        key = ".".join(str(part) for part in first["loc"])
        more = f" (and {len(others)} more)" if others else ""
        raise UsageError(
            f"{file}: {key or 'file'}: {first['msg']}{more}", "`tinyedge docs boards`"
        ) from error


def _frozen(value: Any) -> Any:
    # A frozen model holds tuples, and its strict types take no list for one.
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value
