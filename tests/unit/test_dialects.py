# SPDX-License-Identifier: Apache-2.0
"""Recordings as people's loggers write them: read as they are meant, and said; or the sentence that helps."""

from __future__ import annotations

import json
import struct
import wave
from pathlib import Path

import cbor2
import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from scipy.io import wavfile

from tests import builds
from tinyedge import recording
from tinyedge.bench import trial
from tinyedge.build import Spec
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.project import Columns, Input, Replay
from tinyedge.recording import formats, quality, sample_file

RIFF, DATA = b"RIFF\x40\0\0\0WAVE", b"data\x04\0\0\0\0\0\0\0"
THREE = Spec("x", (1, 2, 3), "int8", 1 / 64, 0)  # windows of two rows; -2 to 1.98
ROWS = np.array([[0.25, -1.0, 0.5], [0.5, 0.75, -0.25], [1.25, 0.0, -1.5], [-0.5, 1.0, 0.0]])
WINDOWS = ROWS.reshape(2, 2, 3)


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "r.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def lines(form: str, separator: str = ",") -> str:
    """The four rows, each as `form` says: {i} its number, {x}, {y}, {z} its values."""
    return "".join(
        form.format(i=i, x=x, y=y, z=z).replace(",", separator) + "\n" for i, (x, y, z) in enumerate(ROWS)
    )


@pytest.mark.parametrize(
    ("header", "form", "note"),
    [
        ("timestamp,accX,accY,accZ", "{i}0,{x},{y},{z}", "`timestamp`, taken as ms: 100 Hz"),
        ("time_ms,accX,accY,accZ", "{i}0,{x},{y},{z}", "`time_ms`, taken as ms: 100 Hz"),
        ("Time (us),accX,accY,accZ", "{i}0000,{x},{y},{z}", "`Time (us)`, taken as us: 100 Hz"),
        ("millis,accX,accY,accZ", "{i}0,{x},{y},{z}", "`millis`, taken as ms: 100 Hz"),
        ("time,accX,accY,accZ", "0.0{i},{x},{y},{z}", "`time`, taken as s: 100 Hz"),
        ("timestamp,accX,accY,accZ", "17000000000{i}0,{x},{y},{z}", "`timestamp`, taken as ms: 100 Hz"),
        (
            "timestamp,accX,accY,accZ",
            "2026-01-01T00:00:00.0{i}0,{x},{y},{z}",
            "`timestamp`, taken as dates: 100 Hz",
        ),
        (",accX,accY,accZ", "{i},{x},{y},{z}", "column 1 counts the rows and is left out"),
        ("accX,accY,accZ", "{x},{y},{z},", "column 4 is empty and left out"),
        ("# logger v1.2, fs=50\naccX,accY,accZ", "{x},{y},{z}", "channels, in this order: accX, accY, accZ"),
        ("x,y,z", "{x},{y},{z}", "channels, in this order: x, y, z"),
    ],
)
def test_a_table_is_read_as_meant_and_said(tmp_path: Path, header: str, form: str, note: str) -> None:
    read = recording.load(written(tmp_path, f"{header}\n{lines(form)}"), [THREE])
    np.testing.assert_array_equal(read.values[0], WINDOWS)
    assert any(note in said for said in read.notes), read.notes
    assert read.labels is None
    if "Hz" in note:
        assert read.rate_hz == pytest.approx(100) and read.period_us == pytest.approx(20_000)


def test_a_spreadsheet_of_another_country(tmp_path: Path) -> None:
    text = "Zeit [ms];X [m/s²];Y [m/s²];Z [m/s²]\n" + lines("{i}0;{x};{y};{z}").replace(".", ",")
    read = recording.load(written(tmp_path, text, "latin-1"), [THREE])
    np.testing.assert_array_equal(read.values[0], WINDOWS)
    assert read.rate_hz == pytest.approx(100)
    assert {"columns separated by semicolons", "decimal commas", "text taken as latin-1"} <= set(read.notes)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_byte_order_marks(tmp_path: Path, encoding: str) -> None:
    read = recording.load(written(tmp_path, "a\tb\tc\n" + lines("{x}\t{y}\t{z}"), encoding), [THREE])
    np.testing.assert_array_equal(read.values[0], WINDOWS)


def test_a_unit_that_cannot_be_told_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "t,a,b,c\n" + lines("{i},{x},{y},{z}"))
    with pytest.raises(UsageError, match=r"no unit can be told .*`t`: they step by 1") as caught:
        recording.load(path, [THREE])
    assert "time_unit" in caught.value.hint
    assert recording.load(path, [THREE], columns=Columns(time_unit="ms")).rate_hz == pytest.approx(1000)
    # A rate that the model was trained at decides.
    assert recording.load(path, [THREE], signal=Input(rate_hz=1.0)).rate_hz == pytest.approx(1)


def test_channels_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    path = written(tmp_path, "time_ms,accZ,temp,accY,accX\n" + lines("{i}0,{z},21.5,{y},{x}"))
    read = recording.load(path, [THREE], signal=Input(channels=("accX", "accY", "accZ")))
    np.testing.assert_array_equal(read.values[0], WINDOWS)
    assert "left out: `temp`" in read.notes
    with pytest.raises(UsageError, match="has no column 'gyroX' for the channel; there are `accZ`, `temp`"):
        recording.load(path, [THREE], signal=Input(channels=("gyroX",)))


def test_words_are_labels_and_their_numbers_are_not_channels(tmp_path: Path) -> None:
    rows = [f"{'rest' if i < 2 else 'swipe'},{3 * (i > 1)},{857 + 20 * i},{x},{y},{z}"
            for i, (x, y, z) in enumerate(ROWS)]  # fmt: skip
    path = written(tmp_path, "gesture,gesture_num,timestamp,aX,aY,aZ\n" + "\n".join(rows) + "\n")
    read = recording.load(path, [THREE])
    np.testing.assert_array_equal(read.values[0], WINDOWS)
    assert read.labels is not None and read.labels.tolist() == [0, 1]
    assert read.classes == ("rest", "swipe") and not read.ordered
    ordered = recording.load(path, [THREE], columns=Columns(classes=("swipe", "rest")))
    assert ordered.labels is not None and ordered.labels.tolist() == [1, 0] and ordered.ordered
    with pytest.raises(UsageError, match="has the label 'rest', the classes are swipe"):
        recording.load(path, [THREE], columns=Columns(classes=("swipe",)))


def test_windows_do_not_cross_gaps(tmp_path: Path) -> None:
    path = written(
        tmp_path, "time_ms,a\n" + "".join(f"{t},{t / 100}\n" for t in (0, 10, 20, 80, 90, 100, 110))
    )
    read = recording.load(path, [Spec("x", (1, 2, 1), "int8", 1 / 64, 0)], hop=1)
    np.testing.assert_array_equal(
        read.values[0][..., 0] * 100, [[0, 10], [10, 20], [80, 90], [90, 100], [100, 110]]
    )
    assert read.fresh == (2,) and read.first(2).fresh == () and read.spread(3).fresh == ()
    assert read.gaps == 1 and any("1 gaps" in warning for warning in quality.assess(read).warnings)
    with pytest.raises(UsageError, match="4 rows between two of its 1 gaps, one model input needs 5"):
        recording.load(path, [Spec("x", (1, 5, 1), "int8", 1 / 64, 0)])


def test_a_thousand_times_the_unit_is_no_measurement(tmp_path: Path) -> None:
    text = "a,b,c\n" + "".join(f"{x * 1000},{y * 1000},{z * 1000}\n" for x, y, z in ROWS)
    with pytest.raises(
        InvalidMeasurement, match=r"83\.3% of the values lie outside .*\(-2 to 1\.984; they are"
    ):
        quality.assess(recording.load(written(tmp_path, text), [THREE]))
    read = recording.load(written(tmp_path, text), [THREE], columns=Columns(scale=0.001))
    np.testing.assert_allclose(read.values[0], WINDOWS)
    assert quality.assess(read).clipped == 0


def test_a_few_values_out_of_range_are_told(tmp_path: Path) -> None:
    values = np.zeros((20, 3))
    values[7, 1] = 3.0
    path = written(tmp_path, "a,b,c\n" + "".join(",".join(map(str, row)) + "\n" for row in values))
    (warning,) = quality.assess(recording.load(path, [THREE])).warnings
    assert "1.7% of the values" in warning


def test_samples_at_the_ends_of_the_sensors_range_are_clipped(tmp_path: Path) -> None:
    """A sine of 1.5 times full scale, as a sound card stores it; at 0.9 of it nothing is."""
    sine = np.sin(np.arange(4000) * 0.05)
    spec = Spec("x", (1, 40, 1), "int16", 1 / 32768, 0)
    for loudness, kept in ((1.5, False), (1.02, True), (0.9, True)):
        stored = np.clip(np.rint(loudness * 32768 * sine), -32768, 32767).astype(np.int16)
        share = float(((stored == -32768) | (stored == 32767)).mean())
        wavfile.write(tmp_path / "r.wav", 8000, stored)
        np.save(tmp_path / "r.npy", stored[:, None])
        for name in ("r.wav", "r.npy"):
            read = recording.load(tmp_path / name, [spec], window=40)
            if not kept:
                with pytest.raises(InvalidMeasurement, match="are at the ends of the sensor's range"):
                    quality.assess(read)
            else:
                found = quality.assess(read)
                assert found.clipped == pytest.approx(share) and bool(found.warnings) == (loudness > 1)


def test_another_rate_than_the_models_is_no_measurement(tmp_path: Path) -> None:
    read = recording.load(written(tmp_path, "time_ms,a,b,c\n" + lines("{i}0,{x},{y},{z}")), [THREE])
    assert quality.assess(read, 98.0).rate_hz == pytest.approx(100)
    with pytest.raises(InvalidMeasurement, match=r"recorded at 100 Hz, .* says 1,000 Hz"):
        quality.assess(read, 1000.0)


def test_intervals_of_a_second_file(tmp_path: Path) -> None:
    path = written(tmp_path, "time_ms,a,b,c\n" + lines("{i}0,{x},{y},{z}"))
    labels = written(tmp_path, "start,end,label\n0.015,0.035,shake\n", name="l.csv")
    read = recording.load(path, [THREE], labels=labels)
    assert read.labels is not None and read.labels.tolist() == [0, 1] and read.classes == ("", "shake")
    named = Columns(
        classes=("rest", "hold", "shake")
    )  # what is outside is of the first, which no interval is
    read = recording.load(path, [THREE], labels=labels, columns=named)
    assert read.labels is not None and read.labels.tolist() == [0, 2]
    assert read.classes == ("rest", "hold", "shake") and read.ordered


def test_intervals_are_seconds_since_the_first_row_and_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "time_ms,a,b,c\n" + lines("700{i}0,{x},{y},{z}"))
    track = written(tmp_path, "0.015\t0.035\tshake it\n", name="Audacity.txt")
    read = recording.load(path, [THREE], labels=track)
    assert read.labels is not None and read.labels.tolist() == [0, 1] and read.classes == ("", "shake it")
    assert read.notes[-1] == "Audacity.txt: intervals are laid by seconds since the first row"
    late = written(tmp_path, "start,end,label\n0,0.01,a\n70.015,70.035,shake\n", name="l.csv")
    with pytest.raises(UsageError, match=r"interval 2 begins at 70\.015 s, behind the end of .*r\.csv"):
        recording.load(path, [THREE], labels=late)


def test_formats_of_other_tools(tmp_path: Path) -> None:
    sensors = [{"name": name, "units": "g"} for name in ("accX", "accY", "accZ")]
    acquired = {"payload": {"interval_ms": 10, "values": ROWS.tolist(), "sensors": sensors}}
    (tmp_path / "r.json").write_text(json.dumps(acquired))
    (tmp_path / "r.cbor").write_bytes(cbor2.dumps(acquired))
    objects = [dict(zip("abc", row, strict=True)) for row in ROWS.tolist()]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, objects)))
    table = pyarrow.table({"time_ms": [0, 10, 20, 30], **{n: ROWS[:, i] for i, n in enumerate("abc")}})
    pyarrow.parquet.write_table(table, tmp_path / "r.parquet")
    for name in ("r.json", "r.cbor", "r.jsonl", "r.parquet"):
        read = recording.load(tmp_path / name, [THREE])
        np.testing.assert_array_equal(read.values[0], WINDOWS, err_msg=name)
        assert read.rate_hz == (None if name == "r.jsonl" else pytest.approx(100)), name


def test_a_wav_is_a_share_of_full_scale(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "r.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 4, "NONE", ""))
        file.writeframes(np.array([0, 16384, -32768, 8192], "<i2").tobytes())
    content = sample_file.read(tmp_path / "r.wav")
    assert content.arrays["x"].tolist() == [[0.0], [0.5], [-1.0], [0.25]]
    named = sample_file.read(tmp_path / "r.wav", Input(channels=("microphone",)))
    np.testing.assert_array_equal(named.arrays["x"], content.arrays["x"])
    with pytest.raises(UsageError, match=r"has 1 columns without names, \[input\] names 2"):
        sample_file.read(tmp_path / "r.wav", Input(channels=("left", "right")))
    assert any("1/32768" in note for note in content.notes) and any(
        "rate: 16,000 Hz" in n for n in content.notes
    )


def _wav(channels: int) -> bytes:
    form = struct.pack("<IHHIIHH", 16, 1, channels, 8000, 0, 0, 16)
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + form + b"data\xff\xff\xff\xff" + bytes(64)


def _acquired(interval: bytes) -> bytes:
    """Edge Impulse's JSON, of one sensor."""
    payload = b'{"sensors": [{"name": "x"}], "values": [[1], [2]], "interval_ms": ' + interval
    return b'{"payload": ' + payload + b"}}"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("r.csv", b"a,b,c\n1,2,3\n4,5\n", "row 3 has 2 columns, the ones before have 3"),
        ("r.csv", b"a,b,c\n1,2,\n4,5,6\n", r"row 2, column 3 \(c\) is '', not a number"),
        ("r.csv", b"# v1\n\na,b,c\n1,2,3\n# here\n4,5,x\n", r"row 6, column 3 \(c\) is 'x', not a number"),
        ("r.csv", b"# v1\na,b,c\n1,2,3\n\n\n4,nan,6\n", r"row 6, column 2 \(b\) is NaN"),
        ("r.csv", b"log\nof me\na,b,c\n1,2,3\n# x\n4,5\n", "row 6 has 2 columns"),
        ("r.csv", b'"a\nlong",b,c\n1,2,3\n4,5,inf\n', r"row 4, column 3 \(c\) is infinite"),
        ("r.jsonl", b'{"a":1,"b":2,"c":3}\n\n{"a":1,"b":2,"c":"x"}\n', "row 3, `c` is 'x', not a number"),
        ("r.csv", b"time,a\n2026-13-01,1\n", "neither a number nor a date"),
        ("r.csv", b"time_ms,a,b,c\n0,1,1,1\n20,1,1,1\n10,1,1,1\n", r"not finite and rising: sample 2 is 10"),
        ("r.csv", b"time,a,b,c\n1e308,1,1,1\n-1e308,1,1,1\n", r"not finite and rising: sample 0 is 1e\+308"),
        ("r.csv", b"a,b,c\n1,1_0,1\n1,2,3\n", r"column 2 \(b\) is '1_0', not a number"),
        ("r.json", b"{}", "not in Edge Impulse's acquisition format"),
        ("r.json", b"[" * 100_000, "damaged"),
        ("r.cbor", b"\x9f" * 50_000, "cannot read"),
        ("r.jsonl", b'{"a": 1}\n{"b": 1}\n', "row 2 does not hold a as numbers or words"),
        ("r.jsonl", b'{"a": 1}\n\n{"a": 1', "row 3 is not JSON: Expecting ',' delimiter at column 8"),
        ("r.csv", b'a,"b\nc",d\n1,x,1\n2,y,2\n3,z,3\n', "`b c` holds words"),
        ("r.wav", RIFF + b"fmt \x10\0\0\0" + bytes([3, 0, 1, 0, 50] + [0] * 11) + DATA, "no WAV file"),
        ("r.wav", RIFF + DATA, "no WAV file, or damaged"),
        ("r.wav", b"RIFF\x24\0\0\0WAVEfmt ", "no WAV file, or damaged"),
        ("r.wav", b"RIFF\0\0\0\0WAVE", "no WAV file, or damaged"),
        ("r.wav", _wav(0), "no WAV file, or damaged"),
        ("r.jsonl", b'{"a": 1, "a": 2, "b": 3}\n', "`a` is there twice"),
        ("r.jsonl", b'{"a.b": 1, "a": {"b": 2}, "c": 3}\n', "`a.b` is there twice"),
        ("r.jsonl", b'{"a\\ud800": 1}\n', r"'a\\ud800' is no text"),
        ("r.jsonl", b'{"a": 1, "b": 2, "c": 3, "label": "\\udfff"}\n', r"'\\udfff' is no text"),
        ("r.json", _acquired(b"1").replace(b'"x"', b'"\\ud800"'), "is no text"),
        (
            "r.jsonl",
            b'{"a": 1, "b": 2, "c": 3, "label": "%s"}\n' % (b"b" * 1001),
            "'b{40}'... has 1,001 characters",
        ),
        ("r.json", _acquired(b"1e999"), "do not fit together"),
        ("r.json", _acquired(b"1" + b"0" * 400), "do not fit together"),
        ("r.json", _acquired(b"1e-320"), "do not fit together"),
        ("r.json", _acquired(b"0"), "do not fit together"),
        ("r.json", _acquired(b"NaN"), "do not fit together"),
        ("r.parquet", b"PAR1PAR1", "cannot read"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_wrong_is_one_sentence(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=says) as caught:
        recording.load(tmp_path / name, [THREE])
    assert "\n" not in str(caught.value) and caught.value.hint


@pytest.mark.parametrize(("name", "data"), [("r.csv", "1,2,3\n4,5,6\n"), ("r.jsonl", "[1,2,3]\n[4,5,6]\n")])
def test_columns_have_a_bound(tmp_path: Path, name: str, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes memory of its own, for two bytes of the file."""
    (tmp_path / name).write_text(data)
    assert len(recording.load(tmp_path / name, [THREE])) == 1
    monkeypatch.setattr(formats, "MOST", 2)
    with pytest.raises(UsageError, match="has 3 columns, and at most 2 are read"):
        recording.load(tmp_path / name, [THREE])


CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "recordings"
AXES = {"gesture_log.csv": ("aX", "aY", "aZ"), "other_order.csv": ("accX", "accY", "accZ")}


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.csv")))
def test_the_shared_cases_hold_one_recording(name: str) -> None:
    """All were made of the same samples: the first row in the model's order is the same in each."""
    spec = Spec("x", (1, 25, 3), "int8", 2 / 128, 0)
    scale = 0.001 if name == "milli_g.csv" else 1.0
    signal = Input(channels=AXES.get(name))
    read = recording.load(CASES / name, [spec], signal=signal, columns=Columns(scale=scale))
    first, rounded = read.values[0][0, 0], scale / 2 if scale < 1 else 1e-6
    np.testing.assert_allclose(first, [0.002, 0.8647, 0.8863], atol=rounded)
    assert read.rate_hz is None or read.rate_hz == pytest.approx(50)
    assert (read.gaps, len(read)) == ((1, 23) if name == "gap.csv" else (0, 24))


def test_an_auc_asks_which_class_is_normal(tmp_path: Path) -> None:
    text = "a,b,c,label\n" + lines("{x},{y},{z},faulty") + lines("{x},{y},{z},normal")
    path = written(tmp_path, text)
    build = builds.make(inputs=(builds.slot("x", 0, 0, 6),), outputs=(builds.slot("y", 1, 8, 6),))
    asked = Replay(file=path, metric="auc")
    with pytest.raises(UsageError, match="which of faulty, normal is normal"):
        trial.choose_metric(build, asked, recording.load(path, [THREE]))
    told = recording.load(path, [THREE], columns=Columns(classes=("normal", "faulty")))
    assert trial.choose_metric(build, asked, told).kind == "auc"
