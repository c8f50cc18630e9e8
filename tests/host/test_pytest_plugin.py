# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin, in a project of somebody's own: fixtures, markers, and skips that say why."""

from __future__ import annotations

import pytest

from tinyedge import paths
from tinyedge.commands.init import fill

pytest_plugins = ["pytester"]

PLUGIN = ("-p", "no:cacheprovider", "-rs")  # the plugin itself comes by its entry point, as at a user's
TESTS = """
import numpy as np
import pytest

def test_the_project_s_recording(replay):
    report = replay(frames=20)
    assert report.bit_exact.frames == 20 and report.bit_exact.mismatches == 0

def test_by_hand(device, image):
    given, made = image.build.inputs[0], image.build.outputs[0]
    given.write(device, np.zeros(given.shape, given.dtype))
    assert device.run() >= 0
    assert made.read(device).shape == made.shape
    assert image.board.name == "host"

@pytest.mark.board("host", "esp32")
def test_on_two_boards(image):
    assert image.build.board == "host"

def test_without_a_board():
    pass
"""


CACHE = paths.cache()  # before pytester gives its processes another home, where no compiler is warm


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("TINYEDGE_CACHE", str(CACHE))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # of the run around it
    folder = pytester.mkdir("project")
    folder.rmdir()
    fill(folder)
    pytester.makepyfile(test_detector=TESTS)
    pytester.makeini("[pytest]\ntinyedge_project = project\n")
    return pytester


def test_tests_get_boards_and_skips_say_why(project: pytest.Pytester) -> None:
    ended = project.runpytest_subprocess(*PLUGIN, "--strict-markers", timeout=120)
    ended.assert_outcomes(passed=4, skipped=1)
    ended.stdout.fnmatch_lines(["*no port here belongs to esp32 (*), and it has no emulator*"])


def test_a_run_for_one_board_leaves_out_the_tests_of_others(project: pytest.Pytester) -> None:
    names = ("-k", "two or by_hand", "--tinyedge-board", "esp32")
    ended = project.runpytest_inprocess(*PLUGIN, *names)
    ended.assert_outcomes(skipped=2)
    ended = project.runpytest_inprocess(*PLUGIN, *names, "--tinyedge-strict")
    ended.assert_outcomes(errors=2)
    ended = project.runpytest_inprocess(*PLUGIN, "-k", "two", "--tinyedge-board", "mps2-an386")
    ended.assert_outcomes(skipped=1)
    ended.stdout.fnmatch_lines(["*for other boards than --tinyedge-board: host, esp32*"])
