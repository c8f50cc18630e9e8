# SPDX-License-Identifier: Apache-2.0
"""Takes files for a folder, puts them there and notes it: nothing that is not noted is replaced or removed.

A folder that we write into may be the user's own (`build -o .`). RECORD lists what we made in it, with the
SHA-256 of each file; what is not in it, or was edited since, is refused and stays. While files are replaced
the record holds old and new digests, so that a kill at any moment leaves only what it names.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from tinyedge import paths
from tinyedge.errors import UsageError

RECORD = "tinyedge-made.json"
_ELSEWHERE = "keep a copy and remove it, or name a new folder"

_ORIGIN = "made_from"  # of the record: what `conclude` notes
_PATIENCE = 600.0  # s that another process may work on the same folder
_PAUSE = 0.05  # s

Digests = Mapping[str, tuple[str, ...]]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make `folder`, and wait until no other process is in such a block with it: two builds would mix.

    The lock is the system's, on the folder itself, and ends with the process; Windows and some network file
    systems have none. On an error a folder that was made and holds nothing goes. UsageError after _PATIENCE.
    """
    lock, fresh = _lock(folder)
    try:
        yield
    except BaseException:
        if fresh:
            with suppress(OSError):
                folder.rmdir()
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _lock(folder: Path) -> tuple[int | None, bool]:
    """A descriptor that holds the lock until it is closed, and whether the folder was made for it."""
    fresh = not folder.exists()
    paths.make_folder(folder)
    if sys.platform == "win32":
        return None, fresh
    import fcntl

    begun = time.monotonic()
    while True:
        try:
            number = os.open(folder, os.O_RDONLY)
        except OSError:
            return None, fresh
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists() and os.path.samestat(os.fstat(number), folder.stat()):
                return number, fresh
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            os.close(number)
            return None, fresh
        os.close(number)
        if time.monotonic() - begun > _PATIENCE:
            raise UsageError(f"another process has been writing to {folder} for {_PATIENCE:.0f} s", "stop it")
        fresh = fresh or not folder.exists()  # the other one may have failed, and removed it
        paths.make_folder(folder)


def check(folder: Path, names: Iterable[str], record: str = RECORD) -> None:
    """UsageError unless we may put files of these names (POSIX paths, relative) into `folder`."""
    known = read(folder, record) or {}
    for name in sorted(names):
        _refuse(folder, name, known.get(name, ()), None)


def put(
    folder: Path,
    staged: Path,
    record: str = RECORD,
    facts: Mapping[str, Any] | None = None,
    *,
    whole: bool = False,
    force: bool = False,
) -> None:
    """Move all files below `staged`, which is on the same file system, into `folder`: all of them, or none.

    Of what was made there before, the same subfolders keep nothing else, and the folder neither where
    `staged` is the `whole` of it; files that are not ours stay. `facts` are kept in the record. UsageError
    where something that is not ours would be lost, unless `force`.
    """
    new = {path: digest(staged / path) for path in _below(staged)}
    old = read(folder, record) or {}
    tops = {path.split("/")[0] for path in new}
    stale = [path for path in old if path not in new and (whole or path.split("/")[0] in tops)]
    for path in sorted({*new, *stale} if not force else ()):
        _refuse(folder, path, old.get(path, ()), new.get(path))
    both = {path: (*old.get(path, ()), *((new[path],) if path in new else ())) for path in {*old, *new}}
    _note(folder, both, record, facts)
    with paths.scratch(folder / record) as aside:
        _swap(folder, staged, aside, [*new, *stale], set(new))
    kept = {path: digests for path, digests in old.items() if path not in stale}
    _note(folder, {**kept, **{path: (known,) for path, known in new.items()}}, record, facts)
    for path in stale:
        _prune(folder, path)


def write(folder: Path, name: str, data: bytes | str) -> None:
    """Write one file whole or not at all, as `put` does."""
    content = data.encode() if isinstance(data, str) else data
    known = hashlib.sha256(content).hexdigest()
    old = read(folder) or {}
    _refuse(folder, name, old.get(name, ()), known)
    _note(folder, {**old, name: (*old.get(name, ()), known)})
    paths.write_atomic(folder / name, content)
    _note(folder, {**old, name: (known,)})


def remove(folder: Path, name: str) -> None:
    """Remove a file that we made; UsageError where there is one of this name that we did not make."""
    check(folder, [name])
    paths.remove(folder / name)


def discard(folder: Path, name: str) -> None:
    """Remove a file if it is as we made it; what is none of ours, or was edited since, stays."""
    try:
        check(folder, [name])
    except UsageError:
        return
    paths.remove(folder / name)


def read(folder: Path, record: str = RECORD) -> dict[str, tuple[str, ...]] | None:
    """What we made in `folder`, with the digests that each file may have; None where there is no record."""
    try:
        found = json.loads(paths.read(folder / record))["files"]
        listed = {
            path: (known,) if isinstance(known, str) else tuple(map(str, known))
            for path, known in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    # Nothing that a strange record names outside the folder.
    return {path: known for path, known in listed.items() if _inside(path)}


def settled(folder: Path, name: str) -> bool:
    """Whether the record says what one file is. While it is replaced, and after a kill then, it does not."""
    return len((read(folder) or {}).get(name, ())) == 1


def conclude(folder: Path, origin: str, names: Iterable[str]) -> None:
    """Note that these files, as they were made, are all that comes of `origin`: `whole` then knows them."""
    known = read(folder) or {}
    files = {name: known[name][0] for name in sorted(names)}
    _note(folder, known, facts={_ORIGIN: {"is": origin, "files": files}})


def whole(folder: Path, origin: str) -> bool:
    """Whether the folder holds what came of `origin`: every file, and each as it was made."""
    try:
        noted = _noted(folder)[_ORIGIN]
        if noted["is"] != origin:
            return False
        for name, known in noted["files"].items():
            if not _inside(name) or not (folder / name).is_file():
                return False
            _refuse(folder, name, (known,), None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UsageError):
        return False
    return True


def digest(file: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(pure.parts) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


def _refuse(folder: Path, name: str, known: tuple[str, ...], coming: str | None) -> None:
    """UsageError where something stands at `name` that is none of ours as we left it, nor what is coming."""
    file = folder / name
    for parent in (*file.parents,)[: len(PurePosixPath(name).parts) - 1]:
        if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
            raise UsageError(f"{parent} is not a folder of ours", _ELSEWHERE)
    if not (file.is_symlink() or file.exists()):
        return
    if file.is_symlink() or not file.is_file():
        raise UsageError(f"{file} is a {'link' if file.is_symlink() else 'folder'}, and not ours", _ELSEWHERE)
    try:
        found = digest(file)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}", _ELSEWHERE) from error
    if found not in (*known, coming):
        what = "was edited since tinyedge made it" if known else "was not made by tinyedge"
        raise UsageError(f"{file} {what}, and would be lost", _ELSEWHERE)


def _below(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def _note(folder: Path, files: Digests, record: str = RECORD, facts: Mapping[str, Any] | None = None) -> None:
    if record == RECORD:  # it holds whatever else is put there: it has digests of its own
        facts = {**_noted(folder), **(facts or {})}
    entries = {path: known[0] if len(known) == 1 else list(known) for path, known in sorted(files.items())}
    text = json.dumps({**(facts or {}), "files": entries}, indent=1) + "\n"
    paths.write_atomic(folder / record, text)


def _noted(folder: Path) -> dict[str, Any]:
    """What `conclude` noted."""
    try:
        return {_ORIGIN: json.loads(paths.read(folder / RECORD))[_ORIGIN]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _swap(folder: Path, staged: Path, aside: Path, names: list[str], new: set[str]) -> None:
    """Old files go aside and new ones in their place, by renaming alone; backwards when that fails."""
    done: list[tuple[Path, Path]] = []
    try:
        for name in names:
            if (folder / name).exists():
                done.append(_move(folder / name, aside / name))
            if name in new:
                done.append(_move(staged / name, folder / name))
    except BaseException as error:  # Ctrl-C too
        for source, target in reversed(done):
            with suppress(OSError):
                target.replace(source)
        if isinstance(error, OSError):
            raise UsageError(f"cannot write into {folder}: {error.strerror or error}", _ELSEWHERE) from error
        raise


def _move(source: Path, target: Path) -> tuple[Path, Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    return source, target


def _prune(folder: Path, path: str) -> None:
    """Folders that a removed file leaves empty."""
    for parent in PurePosixPath(path).parents:
        with suppress(OSError):
            if parent.parts:
                (folder / parent).rmdir()
