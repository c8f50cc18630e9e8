# SPDX-License-Identifier: Apache-2.0
"""Takes the files of an export, puts them into a folder; leaves alone what is not an export or was edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from tinyedge import paths
from tinyedge.errors import CheckFailed, UsageError

RECORD = "tinyedge-export.json"
"""What was exported, and the SHA-256 of each file: so the next export knows whether they were edited."""


def write(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any], force: bool = False) -> None:
    """Make `folder` hold `files` (relative POSIX path -> bytes) and RECORD, or leave it as it was.

    A new or empty folder appears whole. In a folder of an earlier export its files are replaced, and those
    that are no longer needed removed; what else is there stays. UsageError, unless `force`, when the folder
    holds other things but no export, or a file of the export was edited.
    """
    everything = _with_record(files, facts)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a new folder")
    if not _holds_something(folder):
        _write_new(folder, everything)
        return
    old = _old_files(folder)
    if not force:
        _refuse_to_destroy(folder, old, files)
    _replace(folder, everything, [path for path in old or {} if path not in everything])


def compare(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """CheckFailed unless `write` would leave the files in `folder` as they are."""
    everything = _with_record(files, facts)
    stale = [path for path in _old_files(folder) or {} if path not in everything and (folder / path).exists()]
    different = [path for path, data in everything.items() if _read(folder / path) != data]
    found = sorted({*stale, *different} - {RECORD}) or [RECORD] * (RECORD in different)
    if found:
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        raise CheckFailed(
            f"{folder / found[0]} is not what would be exported{more}", "export without --check"
        )


def _with_record(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> dict[str, bytes]:
    record = {**facts, "files": {path: _digest(data) for path, data in sorted(files.items())}}
    return {**files, RECORD: (json.dumps(record, indent=1) + "\n").encode()}


def _write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    with paths.scratch(folder) as beside:
        for path, data in files.items():
            paths.write_atomic(beside / path, data)
        paths.move(beside, folder)


def _replace(folder: Path, files: Mapping[str, bytes], stale: list[str]) -> None:
    """Write `files` and remove `stale`; on an error or an interrupt all files are as they were before."""
    before: dict[str, bytes | None] = {}
    try:
        for path, data in files.items():
            before[path] = _read(folder / path)
            paths.write_atomic(folder / path, data)
        for path in stale:
            before[path] = _read(folder / path)
            paths.remove(folder / path)
    except BaseException:  # Ctrl-C too
        for path, content in before.items():
            with suppress(UsageError):
                paths.remove(folder / path) if content is None else paths.write_atomic(folder / path, content)
        raise


def _refuse_to_destroy(folder: Path, old: Mapping[str, str] | None, files: Mapping[str, bytes]) -> None:
    if old is None:
        raise UsageError(f"{folder} is not empty and holds no export", "name a new folder, or `--force`")
    for path in sorted({*old, *files}):
        content = _read(folder / path)
        # Content that is about to be written: an earlier run was killed halfway.
        known = (old.get(path), _digest(files[path]) if path in files else None)
        if content is not None and _digest(content) not in known:
            what = "was edited since the export" if path in old else "is not of the export"
            raise UsageError(
                f"{folder / path} {what}, and would be lost",
                "keep a copy, then `--force`, or name a new folder",
            )


def _holds_something(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot look into {folder}: {reason}", "name a new folder") from error


def _old_files(folder: Path) -> dict[str, str] | None:
    """The files of the export in `folder` and their digests; None when it holds none."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(found, dict):
        return None
    # They may be removed: nothing that a strange record names outside the folder.
    inside = {p: d for p, d in found.items() if not PurePosixPath(p).is_absolute() and ".." not in p}
    return {str(path): str(digest) for path, digest in inside.items()}


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}", "name a new folder") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
