# SPDX-License-Identifier: Apache-2.0
"""Every command that writes, on a disk that is full at any write: a sentence, and what was there is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import hostile, users_files
from tests.users_files import COMMANDS, QUICK, Moments


@pytest.fixture(scope="module")
def moments() -> Moments:
    return Moments()


@pytest.mark.parametrize("name", list(COMMANDS) if hostile.LONG else hostile.some(QUICK, 2))
def test_a_full_disk_is_told_and_nothing_is_lost(
    name: str, moments: Moments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = users_files.Trial(COMMANDS[name], moments, tmp_path, monkeypatch)
    for at in users_files.some_moments(trial.count, 3):
        trial.begin(at)
        code, warned = moments.run(trial.command.arguments, at, users_files.full)
        # 4: there is no room to start what it would record from.
        told = code in (2, 4) and "No space left on device" in warned and warned.count("error:") == 1
        # 0: it did not matter, as for a folder that is there already, or it was a removal.
        assert told or code == 0, (at, code, warned)
        trial.nothing_is_lost()
        trial.nothing_is_left()
        trial.is_as_ever_next_time()
