# SPDX-License-Identifier: Apache-2.0
"""Takes the root of a checkout or of a source distribution, gives the commit that it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

UNKNOWN = "unknown"
_SECONDS = 10.0
_DIGITS = 12


def of(root: Path) -> str:
    """The commit, 12 hexadecimal digits, with "+changes" where files differ from it; "unknown" without Git.

    A file COMMIT is believed before Git is asked: it is in what was packed, never in a checkout.
    """
    try:
        return (root / "COMMIT").read_text(encoding="utf-8").strip()
    except OSError:
        pass
    if not (root / ".git").exists():  # a folder inside somebody else's repository is not ours to describe
        return UNKNOWN
    describe = ("describe", "--always", "--exclude=*", f"--abbrev={_DIGITS}", "--dirty=+changes")
    try:
        ended = subprocess.run(
            ["git", "-C", root, *describe], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return ended.stdout.strip() or UNKNOWN
