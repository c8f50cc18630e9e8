# SPDX-License-Identifier: Apache-2.0
"""Long recordings lie in files: the same numbers, and no memory that grows with them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinyedge.errors import UsageError
from tinyedge.recording import sample_file, spool, times, windows

TEXT = "# a logger\nt,x,y,label\n" + "".join(
    f"{i * 0.01 + 5 * (i >= 700):.2f},{i % 50},{i % 7 - 3.5},{'abc'[i // 400]}\n" for i in range(1000)
)


def test_what_lies_in_files_is_read_as_what_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "r.csv"
    file.write_text(TEXT)
    within = sample_file.read(file)
    monkeypatch.setattr(spool, "LARGE", 16)
    monkeypatch.setattr(spool, "AT_ONCE", 64)
    without = sample_file.read(file)
    for one, other in ((within.arrays["x"], without.arrays["x"]), (within.seconds, without.seconds)):
        assert one is not None and other is not None
        np.testing.assert_array_equal(one, other)
    assert within.labels is not None and without.labels is not None
    np.testing.assert_array_equal(within.labels.values, without.labels.values)
    assert windows.breaks(without.seconds).tolist() == windows.breaks(within.seconds).tolist() == [700]
    # Written, forgotten by the memory, and still there.
    values = spool.zeros((1000, 3), np.float32)
    for part in spool.parts(1000, values):
        values[part] += np.arange(part.start, part.stop, dtype=np.float32)[:, None]
    spool.release(values[5:, 1:])
    np.testing.assert_array_equal(values[:, 2], np.arange(1000))


def test_the_usual_step_of_hours_is_that_of_their_stretches() -> None:
    steps = np.where(np.arange(400_000) % 1000 == 0, 3.0, 0.01)
    assert times.step(np.cumsum(steps)) == pytest.approx(0.01, rel=1e-6)


def test_a_full_disk_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool, "_file", Full)
    with pytest.raises(UsageError, match=r"no room in .* for a recording of this length: No space left"):
        spool.zeros((spool.LARGE + 1,), np.int8)


# Walks an array of 80 MB, twice, and tells by how many MB the largest that the process was has grown.
WALK = """
import re
from pathlib import Path
from tinyedge.recording import spool

def largest():
    return int(re.search("VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

before = largest()
values = spool.zeros((10_000_000,), float)
for part in spool.parts(len(values), values):
    values[part] = 1.0
assert sum(float(values[part].sum()) for part in spool.parts(len(values), values)) == 1e7
print(largest() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system takes the pages when it needs them")
def test_memory_does_not_grow_with_what_is_walked() -> None:
    ended = subprocess.run([sys.executable, "-c", WALK], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 10
