# SPDX-License-Identifier: Apache-2.0
"""Takes what is to be compiled, gives its objects: from the user's cache where they are known, else compiled.

An object is one file in `objects/` of `paths.cache()`, called by the digest of all that it was made from: the
compiler, the command, the unit, and every file of the tree that its includes can mean. What it included from
elsewhere (<stdint.h>) is listed in it with digests, and must still be so. It begins with a digest of the rest
of itself: what is cut short, damaged, of another key, or that another user could have written is not used. It
comes by renaming: a kill leaves none half written, and of two that write the same at once either will do.
TINYEDGE_CACHE=off neither reads nor writes any; removing `objects/` forgets them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from posixpath import dirname, join, normpath

from tinyedge import paths
from tinyedge.errors import UsageError
from tinyedge.toolchain import jobs
from tinyedge.toolchain.jobs import Finished

LIMIT = 512 << 20
"""Bytes that all objects may take; who writes one removes what was not used for longest."""
_SLICES = 16  # folders, each with its share of LIMIT: a writer looks through one of them
_FORMAT = 1  # of a file here; also to be counted up where a key says less than it should
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)
# What else compilers heed: GCC manual, "Environment Variables"; Clang's driver; Espressif's binutils.
_ENVIRONMENT = (
    "CCC_OVERRIDE_OPTIONS",
    "COMPILER_PATH",
    "CPATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "SOURCE_DATE_EPOCH",
    "XTENSA_GNU_CONFIG",
)


@dataclass(frozen=True)
class Unit:
    """A unit to compile: its path and its object's, from the tree on, and the command that makes it.

    `means`: the command as it would be in any folder, which stands for it in the key.
    """

    path: str
    target: str
    command: tuple[str, ...]
    means: tuple[str, ...]


def compile(
    units: Sequence[Unit],
    files: Mapping[str, bytes],
    tree: Path,
    compiler: Sequence[str],
    environment: Mapping[str, str],
) -> list[Finished]:
    """Make the object of every unit, and what the compiler leaves beside it (.su); answers in the same order.

    files: all of the tree, POSIX path -> bytes, as they lie in the folder `tree`. compiler: what tells this
    compiler from all others. environment: as for `jobs.run_all`.
    """
    store = _Store.open()
    if store is None:
        return jobs.run_all([unit.command for unit in units], tree, environment)
    sources = _Tree(files)
    keys = [_key(unit, sources, compiler) for unit in units]
    ended = {
        unit: Finished(unit.command, 0, "")
        for unit, key in zip(units, keys, strict=True)
        if store.take(key, tree / unit.target)
    }
    todo = [(unit, key) for unit, key in zip(units, keys, strict=True) if unit not in ended]
    commands = [(*unit.command, "-MD", "-MF", f"{unit.target}.d") for unit, _ in todo]
    for (unit, key), made in zip(todo, jobs.run_all(commands, tree, environment), strict=True):
        ended[unit] = made
        target = tree / unit.target
        # What a compiler has to say, it says again.
        if made.code == 0 and not made.text and target.is_file():
            outside = _outside(tree / f"{unit.target}.d", sources.reach(unit), tree)
            if outside is not None:
                store.put(key, target, outside)
    return [ended[unit] for unit in units]


def environment() -> dict[str, str | None]:
    """Of the user's environment what compilers heed."""
    return {name: os.environ.get(name) for name in _ENVIRONMENT}


def _key(unit: Unit, sources: _Tree, compiler: Sequence[str]) -> str:
    facts = {
        "format": _FORMAT,
        "compiler": list(compiler),
        "command": unit.means,
        "environment": environment(),
        "files": [(path, sources.digest(path)) for path in sorted(sources.reach(unit))],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class _Tree:
    """The files of a build, their digests, and what each can include; everything is found once."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._digests: dict[str, str] = {}
        self._included: dict[str, tuple[str, ...]] = {}
        self._reached: dict[Unit, frozenset[str]] = {}

    def digest(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(self._files[path]).hexdigest()
        return self._digests[path]

    def reach(self, unit: Unit) -> frozenset[str]:
        """The unit and every file that an include of these may mean, whichever of its folders is first."""
        if unit not in self._reached:
            folders = [word[2:] for word in unit.command if word.startswith("-I")]
            found: set[str] = set()
            todo = [unit.path]
            while todo:
                path = todo.pop()
                if path in found or path not in self._files:
                    continue
                found.add(path)
                for name in self._names(path):
                    todo += [normpath(join(folder, name)) for folder in (dirname(path), *folders)]
            self._reached[unit] = frozenset(found)
        return self._reached[unit]

    def _names(self, path: str) -> tuple[str, ...]:
        if path not in self._included:
            named = _INCLUDE.findall(self._files[path])
            self._included[path] = tuple(name.decode("utf-8", "replace") for name in named)
        return self._included[path]


def _outside(rule: Path, reached: frozenset[str], tree: Path) -> dict[str, str] | None:
    """File -> digest of what a compilation read outside the tree, by the make rule that the compiler wrote.

    None where it read anything of the tree that the key does not know of, or what cannot be found again.
    """
    try:
        text = rule.read_text(encoding="utf-8").replace("\\\n", " ")
    except (OSError, ValueError):
        return None
    _, colon, listed = text.partition(": ")
    outside: dict[str, str] = {}
    for word in re.findall(r"(?:\\.|[^\s\\])+", listed):
        name = re.sub(r"\\([ #\\])", r"\1", word).replace("$$", "$")
        if normpath(name) in reached:
            continue
        known = _digest(name)
        if not Path(name).is_absolute() or Path(name).is_relative_to(tree) or known is None:
            return None
        outside[name] = known
    return outside if colon else None


def _digest(file: str) -> str | None:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return None


class _Store:
    """The folder of objects. Nothing in it is believed, and that nothing can be written stops no build."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._outside: dict[str, str | None] = {}

    @classmethod
    def open(cls) -> _Store | None:
        """None where the user wants none, or where the folder is not the user's alone to write."""
        if paths.cache_is_off():
            return None
        try:
            folder = paths.cache() / "objects"
            folder.mkdir(mode=0o700, exist_ok=True)
            state = folder.lstat()
        except (OSError, UsageError):
            return None
        return cls(folder) if stat.S_ISDIR(state.st_mode) and _ours(state) else None

    def take(self, key: str, target: Path) -> bool:
        """Write the object of this key to `target`, and what belongs beside it; False where there is none."""
        file = self._file(key)
        try:
            data = _read(file)
            digest, _, rest = data.partition(b"\n")
            if digest.decode() != hashlib.sha256(rest).hexdigest():
                return False
            head, _, content = rest.partition(b"\n")
            facts = json.loads(head)
            if facts["key"] != key or any(self._now(name) != was for name, was in facts["outside"].items()):
                return False
            for suffix, size in facts["parts"]:
                target.with_suffix(suffix).write_bytes(content[:size])
                content = content[size:]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        with suppress(OSError):
            os.utime(file)  # what was used last goes last
        return True

    def put(self, key: str, target: Path, outside: Mapping[str, str]) -> None:
        """Keep what was compiled to `target`."""
        with suppress(OSError, UsageError):
            beside = [target, *(file for file in (target.with_suffix(".su"),) if file.is_file())]
            content = [file.read_bytes() for file in beside]
            sizes = [(file.suffix, len(data)) for file, data in zip(beside, content, strict=True)]
            facts = {"key": key, "parts": sizes, "outside": outside}
            rest = b"\n".join((json.dumps(facts, sort_keys=True).encode(), b"".join(content)))
            data = hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest
            if len(data) <= LIMIT // _SLICES // 2:
                file = self._file(key)
                paths.write_atomic(file, data)
                file.chmod(0o600)  # whatever the user's umask lets others write
                _evict(file.parent)

    def _file(self, key: str) -> Path:
        return self._folder / key[0] / key

    def _now(self, name: str) -> str | None:
        if name not in self._outside:
            self._outside[name] = _digest(name)
        return self._outside[name]


def _read(file: Path) -> bytes:
    """The bytes of a file that is the user's alone to write; OSError for any other."""
    opened = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(opened, "rb") as stream:
        state = os.fstat(stream.fileno())
        if not stat.S_ISREG(state.st_mode) or not _ours(state) or state.st_size > LIMIT:
            raise PermissionError(file)
        return stream.read()


def _ours(state: os.stat_result) -> bool:
    """Whether nobody else can write it. (Windows keeps the user's cache folder to the user.)"""
    return os.name == "nt" or (state.st_uid == os.geteuid() and not state.st_mode & 0o022)


def _evict(folder: Path) -> None:
    """Remove what was not used for longest, down to three quarters of the folder's share, once it is more."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                state = entry.stat(follow_symlinks=False)
                found.append((state.st_mtime_ns, state.st_size, entry.path))
    total, share = sum(size for _, size, _ in found), LIMIT // _SLICES
    if total > share:
        for _, size, path in sorted(found):
            if total <= share * 3 // 4:
                break
            with suppress(OSError):
                Path(path).unlink()
            total -= size
