# SPDX-License-Identifier: Apache-2.0
"""The Image: what a build made, how large each part of it is, and the record that lets a next build skip."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinyedge import made, paths
from tinyedge.errors import UsageError

RECORD = "image.json"
PARTS = (
    "model",
    "kernels",
    "weights",
    "constants",
    "runtime",
    "port",
    "library",
    "arena",
    "state",
    "stack",
    "other",
)


@dataclass(frozen=True)
class Symbol:
    """A function or an object: `flash` and `ram` are the bytes that it takes of each."""

    name: str
    part: str
    section: str
    address: int
    flash: int
    ram: int


@dataclass(frozen=True)
class StackBound:
    """The deepest that the stack can get, in bytes; None when it cannot be known, and `reason` says why.

    `path` is the chain of calls that reaches it, outermost first: (function, bytes of its frame).
    """

    bytes: int | None
    reason: str = ""
    path: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Image:
    """A linked image. `flash` and `ram` are totals in bytes; `stack_size` is the reserved part of `ram`.

    Of a program of this machine that is no ELF file nothing is measured: None, and no symbols.
    `files` go onto the board, the one that is flashed first; the ELF itself where the board names no format.
    """

    elf: Path
    files: tuple[Path, ...]
    build_id: str
    compiler: str
    flash: int | None
    ram: int | None
    stack_size: int | None
    stack: StackBound
    symbols: tuple[Symbol, ...]

    @property
    def stack_bound(self) -> int | None:
        """The deepest that the stack can get, in bytes; None when it is not known."""
        return self.stack.bytes

    def by_part(self) -> dict[str, dict[str, int]]:
        """Bytes of flash and RAM by part (PARTS), the parts that are there; they sum up to the totals."""
        sizes = {part: {"flash": 0, "ram": 0} for part in PARTS}
        for symbol in self.symbols:
            sizes[symbol.part]["flash"] += symbol.flash
            sizes[symbol.part]["ram"] += symbol.ram
        return {part: size for part, size in sizes.items() if any(size.values())}


def save(image: Image, key: str) -> None:
    """Write the record beside the files; `key` stands for everything that the image was made from."""
    names = [file.name for file in image.files]
    facts = asdict(image) | {"elf": image.elf.name, "files": names}
    sha256 = {file.name: _sha256(file) for file in (image.elf, *image.files)}
    record = {"key": key, "sha256": sha256, "image": facts}
    made.write(image.elf.parent, RECORD, json.dumps(record, indent=1) + "\n")


def load(folder: Path, key: str | None = None) -> Image | None:
    """The image that a build left in `folder`; None when there is none, it is damaged, or `key` differs."""
    try:
        record = json.loads(paths.read(folder / RECORD))
        if key is not None and record["key"] != key:
            return None
        facts: dict[str, Any] = record["image"]
        if any(Path(name).name != name for name in (facts["elf"], *facts["files"])):
            return None
        elf = folder / facts["elf"]
        files = tuple(folder / name for name in facts["files"])
        if any(_sha256(file) != record["sha256"][file.name] for file in (elf, *files)):
            return None
        stack = facts["stack"] | {"path": tuple((name, size) for name, size in facts["stack"]["path"])}
        rebuilt = {
            "elf": elf,
            "files": files,
            "stack": StackBound(**stack),
            "symbols": tuple(Symbol(**symbol) for symbol in facts["symbols"]),
        }
        return Image(**(facts | rebuilt))
    except (OSError, ValueError, KeyError, TypeError):
        # Any record that is not exactly ours means: build anew.
        return None


def open_built(folder: Path) -> Image:
    """As `load`, with a UsageError when there is no intact image in `folder`."""
    image = load(folder)
    if image is None:
        raise UsageError(f"there is no intact build in {folder}", "run `tinyedge build -o DIR` first")
    return image


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
