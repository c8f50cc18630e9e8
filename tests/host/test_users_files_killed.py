# SPDX-License-Identifier: Apache-2.0
"""Every command that writes, killed or interrupted at any moment: what was there is whole, and what is."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from tests import hostile, users_files
from tests.users_files import COMMANDS, QUICK, Moments, Trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL, and no fork")


@pytest.fixture(scope="module")
def moments() -> Moments:
    return Moments()


@pytest.mark.parametrize("name", list(COMMANDS) if hostile.LONG else hostile.some(QUICK, 2))
def test_a_killed_command_loses_nothing(
    name: str, moments: Moments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(COMMANDS[name], moments, tmp_path, monkeypatch)
    killed = 0
    for at in users_files.some_moments(trial.count, 3):
        trial.begin(at)
        # With times in it, or with compilers side by side, a run may be shorter.
        killed += moments.killed(trial.command.arguments, at)
        trial.nothing_is_lost()
        trial.is_as_ever_next_time()
    assert killed


@pytest.mark.parametrize("name", list(COMMANDS) if hostile.LONG else hostile.some(QUICK, 1))
def test_an_interrupted_command_leaves_nothing(
    name: str, moments: Moments, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(COMMANDS[name], moments, tmp_path, monkeypatch)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for at in users_files.some_moments(trial.count, 3):
            trial.begin(at)
            code, warned = moments.run(trial.command.arguments, at, users_files.interrupt)
            # 0: as it was ending, or as the end of a recording.
            assert code in (0, 130) and "Traceback" not in warned, (at, code, warned)
            trial.nothing_is_lost()
            if not moments.clearing:  # else what is left is this process', which lives
                trial.nothing_is_left()
                trial.is_as_ever_next_time()
    finally:
        signal.signal(signal.SIGINT, handler)
