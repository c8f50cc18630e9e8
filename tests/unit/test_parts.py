# SPDX-License-Identifier: Apache-2.0
"""Files of every binary format read in small parts are what they are when libraries read them whole."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy.io import wavfile

from tinyedge.errors import UsageError
from tinyedge.recording import sample_file, spool
from tinyedge.recording.formats import parquet

ROWS = 1000
VALUES = np.random.default_rng(0).normal(0, 5, (ROWS, 3))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGE", 1 << 10)
    monkeypatch.setattr(spool, "AT_ONCE", 64)
    monkeypatch.setattr(parquet, "_ROWS", 7)


def test_parquet_in_batches(tmp_path: Path) -> None:
    words = np.where(np.arange(ROWS) // 90 % 2, "loud", "quiet")
    lists = pa.FixedSizeListArray.from_arrays(VALUES[:, 1:].ravel(), 2)
    table = {"time_ms": np.arange(ROWS) * 10, "a": VALUES[:, 0], "b": lists, "label": words}
    pyarrow.parquet.write_table(pa.table(table), tmp_path / "r.parquet", row_group_size=400)
    found = sample_file.read(tmp_path / "r.parquet")
    assert found.channels == ("a", "b.0", "b.1") and found.seconds is not None and found.labels is not None
    np.testing.assert_array_equal(found.arrays["x"], VALUES.astype(np.float32))
    np.testing.assert_allclose(found.seconds, np.arange(ROWS) / 100)
    assert [found.labels.classes[at] for at in found.labels.values] == words.tolist()


def test_a_list_that_changes_its_length_between_batches_is_told(tmp_path: Path) -> None:
    lists = [[1.0, 2.0]] * 500 + [[1.0, 2.0, 3.0]] * 500
    pyarrow.parquet.write_table(pa.table({"a": lists}), tmp_path / "r.parquet")
    with pytest.raises(UsageError, match="`a` does not hold as many values in every row"):
        sample_file.read(tmp_path / "r.parquet")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", ["C", "F"])
def test_members_of_an_npz(tmp_path: Path, packed: bool, order: str) -> None:
    values = np.asarray(VALUES, order=order)  # type: ignore[call-overload]
    (np.savez_compressed if packed else np.savez)(tmp_path / "r.npz", x=values, y=np.arange(ROWS) % 3)
    found = sample_file.read(tmp_path / "r.npz")
    assert found.labels is not None
    np.testing.assert_array_equal(found.arrays["x"], VALUES)
    np.testing.assert_array_equal(found.labels.values, np.arange(ROWS) % 3)


def test_a_member_that_is_shorter_than_it_says_is_damaged(tmp_path: Path) -> None:
    np.savez(tmp_path / "r.npz", x=VALUES)
    whole = (tmp_path / "r.npz").read_bytes()
    (tmp_path / "r.npz").write_bytes(whole.replace(b"(1000, 3)", b"(9000, 3)"))
    with pytest.raises(UsageError, match="damaged"):
        sample_file.read(tmp_path / "r.npz")


@pytest.mark.parametrize("cut", [0, 101])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.filterwarnings("ignore::scipy.io.wavfile.WavFileWarning")
def test_sounds_are_those_of_scipy(tmp_path: Path, width: int, channels: int, cut: int) -> None:
    file = tmp_path / "r.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(8000)
        out.writeframes(
            np.random.default_rng(1).integers(0, 256, ROWS * channels * width, np.uint8).tobytes()
        )
    file.write_bytes(file.read_bytes()[: -cut * channels * width or None])
    _, samples = wavfile.read(file)
    full = 128.0 if width == 1 else float(np.iinfo(samples.dtype).max) + 1
    wanted = (samples.reshape(-1, channels).astype(np.float64) - (128 if width == 1 else 0)) / full
    found = sample_file.read(file)
    assert found.rate_hz == 8000 and len(wanted) == ROWS - cut
    np.testing.assert_array_equal(found.arrays["x"], wanted.astype(np.float32))
    assert any("shorter" in note for note in found.notes) == bool(cut)


def test_intervals_lie_on_a_sound_as_on_its_times(tmp_path: Path) -> None:
    wavfile.write(tmp_path / "r.wav", 3333, np.ones(ROWS, np.int16))
    rng = np.random.default_rng(2)
    ends = np.sort(np.concatenate([rng.uniform(-0.05, 0.35, 12), np.arange(0, 8) * 100 / 3333]))
    lines = [f"{a!r},{b!r},{k + 1}" for k, (a, b) in enumerate(ends.reshape(-1, 2).tolist())]
    (tmp_path / "l.csv").write_text("start,end,label\n" + "\n".join(lines))
    found = sample_file.read_labels(tmp_path / "l.csv", None, sample_file.read(tmp_path / "r.wav"))
    seconds, wanted = np.arange(ROWS) / 3333, np.zeros(ROWS, np.int64)
    for k, (first, last) in enumerate(ends.reshape(-1, 2)):
        wanted[(seconds >= first) & (seconds < last)] = k + 1
    np.testing.assert_array_equal(found.values, wanted)
