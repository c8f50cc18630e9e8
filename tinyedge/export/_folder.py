# SPDX-License-Identifier: Apache-2.0
"""Takes the files of an export, puts them into a folder; leaves alone what is not an export or was edited."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyedge import made, paths
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
    paths.sweep(folder)
    if not _holds_something(folder):
        _write_new(folder, everything)
        return
    if made.read(folder, RECORD) is None and not force:
        raise UsageError(f"{folder} is not empty and holds no export", "name a new folder, or `--force`")
    with made.alone(folder), paths.scratch(folder / RECORD) as beside:
        for path, data in files.items():
            paths.write_atomic(beside / path, data)
        made.put(folder, beside, RECORD, facts, whole=True, force=force)


def compare(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """CheckFailed unless `write` would leave the files in `folder` as they are."""
    everything = _with_record(files, facts)
    stale = [
        path
        for path in made.read(folder, RECORD) or {}
        if path not in everything and (folder / path).exists()
    ]
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


def _holds_something(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"cannot look into {folder}: {reason}", "name a new folder") from error


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}", "name a new folder") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
