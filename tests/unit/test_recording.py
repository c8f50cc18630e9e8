# SPDX-License-Identifier: Apache-2.0
"""Recordings of every form become model inputs in order; what is wrong with one is told in one sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyedge import recording
from tinyedge.build import Spec
from tinyedge.errors import UsageError
from tinyedge.recording import formats

WINDOW = Spec("window", (1, 4, 2), "int8", 0.5, 3)
FLAT = Spec("serving_default_x:0", (1, 6), "int8", 0.5, 3)


def npz(folder: Path, **arrays: Any) -> Path:
    path = folder / "r.npz"
    np.savez(path, **arrays)
    return path


def csv(folder: Path, text: str) -> Path:
    path = folder / "r.csv"
    path.write_text(text)
    return path


def test_frames_labels_and_period_of_an_npz(tmp_path: Path) -> None:
    x = np.arange(24, dtype=np.float64).reshape(3, 4, 2)
    read = recording.load(npz(tmp_path, x=x, y=[0, 1, 1], t=[0.0, 0.25, 0.5]), [WINDOW])
    assert len(read) == 3 and read.values[0].dtype == np.float32
    np.testing.assert_array_equal(read.real()[0], x)
    assert read.labels is not None and read.labels.tolist() == [0, 1, 1]
    assert read.period_us == 250_000


def test_a_frame_may_keep_its_batch_of_one_and_a_number_be_a_frame(tmp_path: Path) -> None:
    assert recording.load(npz(tmp_path, x=np.zeros((5, 1, 4, 2))), [WINDOW]).values[0].shape == (5, 4, 2)
    assert recording.load(npz(tmp_path, x=np.zeros(7)), [Spec("x", (1, 1), "int8", 1.0, 0)]).values[
        0
    ].shape == (7, 1)


def test_an_npy_is_x(tmp_path: Path) -> None:
    np.save(tmp_path / "r.npy", np.ones((2, 6), np.float32))
    assert recording.load(tmp_path / "r.npy", [FLAT]).stored()[0].tolist() == [[5] * 6] * 2


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
def test_truth_values_are_zeros_and_ones_of_any_type(dtype: str, tmp_path: Path) -> None:
    flags = [Spec("x", (1, 3), "bool")]
    x = np.array([[0, 1, 1], [1, 0, 1]])
    (read,) = recording.load(npz(tmp_path, x=x.astype(dtype)), flags).stored()
    assert read.dtype == np.bool_ and read.tolist() == x.astype(bool).tolist()
    if dtype in ("uint8", "int64"):
        with pytest.raises(UsageError, match=r"`x` is 2 at frame 1, the model's input is bool \(0 to 1\)"):
            recording.load(npz(tmp_path, x=(x + np.array([[0], [1]])).astype(dtype)), flags)


def test_several_inputs_by_name(tmp_path: Path) -> None:
    path = npz(tmp_path, window=np.zeros((2, 4, 2)), x=np.ones((2, 6)))
    read = recording.load(path, [FLAT, WINDOW])
    assert [v.shape for v in read.values] == [(2, 6), (2, 4, 2)]
    with pytest.raises(UsageError, match="no array for the model's input 'gyro', only window, x"):
        recording.load(path, [WINDOW, Spec("gyro", (1, 2), "int8", 1.0, 0)])
    with pytest.raises(UsageError, match="has 2 frames, window has 3"):
        recording.load(npz(tmp_path, window=np.zeros((3, 4, 2)), x=np.ones((2, 6))), [FLAT, WINDOW])


def test_an_input_may_be_called_as_labels_and_times_are(tmp_path: Path) -> None:
    path = tmp_path / "r.npz"
    inputs = [Spec(name, (1, 4), "float32") for name in ("serving_default_y:0", "t")]
    values = np.random.default_rng(1).normal(size=(2, 5, 4)).astype(np.float32)
    np.savez(path, y=values[0], t=values[1], label=np.arange(5))
    read = recording.load(path, inputs)
    assert all(map(np.array_equal, read.values, values)) and read.period_us is None
    assert read.labels is not None and list(read.labels) == [0, 1, 2, 3, 4]
    np.savez(path, x=values[0], y=np.arange(5))  # as everybody has it, whatever the lone input is called
    read = recording.load(path, inputs[:1])
    assert np.array_equal(read.values[0], values[0]) and read.labels is not None
    np.savez(path, y=values[0])
    assert np.array_equal(recording.load(path, inputs[:1]).values[0], values[0])
    np.savez(path, **{"": values[0]})  # TFLM's keyword_scrambled.tflite calls its input so
    assert np.array_equal(recording.load(path, [Spec("", (1, 4), "float32")]).values[0], values[0])


def test_a_csv_is_a_stream_of_windows(tmp_path: Path) -> None:
    rows = "\n".join(f"{t / 10},{t},{-t},{int(t > 4)}" for t in range(10))
    path = csv(tmp_path, "time_s,a,b,label\n" + rows + "\n")
    one = recording.load(path, [WINDOW])
    assert len(one) == 2  # rows 8 and 9 are left over
    np.testing.assert_array_equal(one.values[0][1], [[4, -4], [5, -5], [6, -6], [7, -7]])
    assert one.labels is not None and one.labels.tolist() == [0, 1]
    assert one.period_us == pytest.approx(400_000)
    sliding = recording.load(path, [WINDOW], hop=1)
    assert len(sliding) == 7 and sliding.period_us == pytest.approx(100_000)
    np.testing.assert_array_equal(sliding.values[0][3], [[3, -3], [4, -4], [5, -5], [6, -6]])
    # Rows 3..6: two labels of each kind, so the last one counts.
    assert sliding.labels is not None and sliding.labels.tolist() == [0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("text", ["1;2\n3;4\n", "a\tb\n1\t2\n3\t4\n", "\ufeff1,2\r\n\r\n3,4\r\n"])
def test_csv_dialects(tmp_path: Path, text: str) -> None:
    read = recording.load(csv(tmp_path, text), [Spec("x", (1, 2, 2), "int8", 1.0, 0)])
    np.testing.assert_array_equal(read.values[0], [[[1, 2], [3, 4]]])


def test_a_csv_row_may_be_a_whole_input(tmp_path: Path) -> None:
    read = recording.load(csv(tmp_path, "1,2,3,4,5,6\n7,8,9,10,11,12\n"), [FLAT])
    assert read.values[0].shape == (2, 6)


def test_a_flat_input_needs_the_window_said(tmp_path: Path) -> None:
    path = csv(tmp_path, "1,2\n3,4\n5,6\n7,8\n")
    assert recording.load(path, [FLAT], window=3, hop=1).values[0].tolist() == [
        [1, 2, 3, 4, 5, 6],
        [3, 4, 5, 6, 7, 8],
    ]
    with pytest.raises(UsageError, match=r"2 columns of numbers, the model's input is \[6\]"):
        recording.load(path, [FLAT])


def test_an_array_is_a_stream_only_when_a_window_is_given(tmp_path: Path) -> None:
    path = npz(tmp_path, x=np.zeros((9, 2)), y=[0] * 9)
    assert len(recording.load(path, [WINDOW], window=4, hop=2)) == 3
    with pytest.raises(UsageError, match=r"shape \[9, 2\].*needs \[N, 4, 2\]"):
        recording.load(path, [WINDOW])


def test_labels_of_another_file(tmp_path: Path) -> None:
    path = npz(tmp_path, x=np.zeros((3, 6)), y=[0, 0, 0])
    np.save(tmp_path / "l.npy", np.array([[2], [1], [0]]))
    read = recording.load(path, [FLAT], labels=tmp_path / "l.npy")
    assert read.labels is not None and read.labels.tolist() == [2, 1, 0]
    (tmp_path / "l.csv").write_text("label\n0\n1\n")
    with pytest.raises(UsageError, match="2 labels for 3 frames"):
        recording.load(path, [FLAT], labels=tmp_path / "l.csv")
    np.save(tmp_path / "l.npy", np.array([0.5, 1, 0]))
    with pytest.raises(UsageError, match=r"label 0 is 0\.5"):
        recording.load(path, [FLAT], labels=tmp_path / "l.npy")


def test_quantising_rounds_half_away_from_zero_and_clamps() -> None:
    spec = Spec("x", (1, 8), "int8", 1.0, 10)
    below_half = np.nextafter(np.float32(0.5), np.float32(0))  # x + 0.5 in float32 would round this to 1
    values = np.array([[0.5, -0.5, 1.5, 2.5, -2.5, below_half, 1e30, -1e30]], np.float32)
    assert recording.quantize(values, spec).tolist() == [[11, 9, 12, 13, 7, 10, 127, -128]]


def test_dequantising_and_spreading(tmp_path: Path) -> None:
    x = np.arange(-20, 22, dtype=np.int8).reshape(7, 6)
    read = recording.load(npz(tmp_path, x=x, y=np.arange(7)), [FLAT])
    np.testing.assert_array_equal(read.stored()[0], x)
    np.testing.assert_array_equal(read.real()[0], (x.astype(np.float32) - 3) * 0.5)
    few = read.spread(3)
    assert few.labels is not None and few.labels.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(few.values[0], x[[0, 3, 6]])
    assert read.spread(99) is read


def test_wider_integers_are_taken_when_they_fit(tmp_path: Path) -> None:
    read = recording.load(npz(tmp_path, x=np.full((1, 6), -128, np.int64)), [FLAT])
    assert read.values[0].dtype == np.int8
    x = np.zeros((4, 6), np.int64)
    x[2, 1] = 128
    with pytest.raises(UsageError, match="is 128 at frame 2, the model's input is int8"):
        recording.load(npz(tmp_path, x=x), [FLAT])
    with pytest.raises(UsageError, match="`x` is uint8, the model's input is int8"):
        recording.load(npz(tmp_path, x=np.zeros((1, 6), np.uint8)), [FLAT])


def nan(value: float, place: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    x = np.zeros((3, 4, 2))
    x[place] = value
    return x


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.zeros((3, 5))}, r"shape \[3, 5\], the model's input 'window' needs \[N, 4, 2\]"),
        ({"x": nan(np.nan, (1, 2, 0))}, r"`x` is NaN at frame 1, position \[2, 0\] \(1 such values\)"),
        ({"x": nan(-np.inf, (2, 0, 1))}, r"`x` is infinite at frame 2, position \[0, 1\]"),
        ({"x": nan(1e300, (1, 0, 0))}, "a value in frame 1 is too large"),
        ({"x": np.zeros((0, 4, 2))}, "holds no samples"),
        ({"x": np.array("abc")}, "not numeric"),
        ({"x": np.zeros((2, 4, 2), complex)}, "not numeric"),
        ({"x": np.float32(3)}, "a single number"),
        ({"a": np.zeros(2), "b": np.zeros(2)}, "no array for the model's input 'window', only a, b"),
        ({"x": np.zeros((2, 4, 2)), "y": ["cat", ""]}, "`y` has no label for sample 1"),
        ({"x": np.zeros((2, 4, 2)), "y": [1, 2, 3]}, "3 labels for 2 frames"),
        ({"x": np.zeros((2, 4, 2)), "t": [1.0, 0.0]}, "not finite and rising"),
        ({"x": np.array([{}, 1], dtype=object)}, "Python objects"),
    ],
)
def test_what_is_wrong_with_an_npz(tmp_path: Path, arrays: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        recording.load(npz(tmp_path, **arrays), [WINDOW])
    assert caught.value.hint and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no numbers"),
        ("a,b\n", "holds no numbers"),
        ("a,b\n1,2\n3,x\n", r"row 3, column 2 \(b\) is 'x', not a number"),
        ("1,2\n3\n", "row 2 has 1 columns, the ones before have 2"),
        ("1,2\n3,nan\n", r"row 2, column 2 is NaN \(1 such values\)"),
        ("1,2\n3,4\n", "has 2 rows, one model input needs 4"),
        ("1,2,3\n", "has 3 columns of numbers"),
        ("a,label\n1,1\n2,0.5\n", r"label 1 is 0\.5"),
        ("label\n1\n", "holds no samples"),
        ("1,2\n\x003,4\n", "not a number"),
    ],
)
def test_what_is_wrong_with_a_csv(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        recording.load(csv(tmp_path, text), [WINDOW])
    assert caught.value.hint and "\n" not in str(caught.value)


def test_windows_that_do_not_fit(tmp_path: Path) -> None:
    path = npz(tmp_path, x=np.zeros((9, 2)))
    with pytest.raises(UsageError, match="3 rows of 2 columns are 6 numbers"):
        recording.load(path, [WINDOW], window=3)
    with pytest.raises(UsageError, match="hop is 0"):
        recording.load(path, [WINDOW], window=4, hop=0)
    with pytest.raises(UsageError, match="several inputs"):
        recording.load(npz(tmp_path, window=np.zeros((2, 4, 2)), x=np.ones((2, 6))), [FLAT, WINDOW], window=2)


def test_files_that_are_not_there_or_not_recordings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no recording"):
        recording.load(tmp_path / "none.npz", [FLAT])
    (tmp_path / "a.mp3").write_bytes(b"ID3")
    with pytest.raises(UsageError, match="not a recording that tinyedge reads"):
        recording.load(tmp_path / "a.mp3", [FLAT])
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x01")
    with pytest.raises(UsageError, match="not CSV text"):
        recording.load(tmp_path / "a.csv", [FLAT])


def good_npz() -> bytes:
    buffer = io.BytesIO()
    rng = np.random.default_rng(0)
    np.savez_compressed(buffer, x=rng.normal(size=(5, 4, 2)), y=np.arange(5), t=np.arange(5) / 10)
    return buffer.getvalue()


def refuse_or_read(path: Path) -> None:
    """Either a whole recording or one sentence; anything else is a defect."""
    try:
        read = recording.load(path, [WINDOW])
    except UsageError as error:
        assert "\n" not in str(error) and error.hint
    else:
        assert np.isfinite(read.real()[0]).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(cut=st.integers(0, len(good_npz()) - 1))
def test_a_truncated_npz(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.npz"
    path.write_bytes(good_npz()[:cut])
    with pytest.raises(UsageError):
        recording.load(path, [WINDOW])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(place=st.integers(0, len(good_npz()) - 1), bit=st.integers(0, 7))
def test_a_bit_flipped_npz(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    data = bytearray(good_npz())
    data[place] ^= 1 << bit
    path = tmp_path_factory.getbasetemp() / "flip.npz"
    path.write_bytes(data)
    refuse_or_read(path)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(place=st.integers(0, 127), value=st.integers(0, 255))
def test_a_damaged_npy_header(tmp_path_factory: pytest.TempPathFactory, place: int, value: int) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((5, 4, 2)))
    data = bytearray(buffer.getvalue())
    data[place] = value
    path = tmp_path_factory.getbasetemp() / "head.npy"
    path.write_bytes(data)
    refuse_or_read(path)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.binary(max_size=300))
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    for suffix in formats.suffixes():
        path = tmp_path_factory.getbasetemp() / f"random{suffix}"
        path.write_bytes(data)
        refuse_or_read(path)


def test_an_npz_of_other_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "r.npz", "w") as archive:
        archive.writestr("x.npy", b"hello")
        archive.writestr("readme.txt", b"hello")
    refuse_or_read(tmp_path / "r.npz")
