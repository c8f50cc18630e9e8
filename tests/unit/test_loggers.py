# SPDX-License-Identifier: Apache-2.0
"""Recordings of strangers' loggers: each is read as it was meant, and that is said, or refused."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tinyedge import recording
from tinyedge.build import Spec
from tinyedge.errors import UsageError
from tinyedge.project import Columns, Input
from tinyedge.recording import Recording, sample_file

ROWS = 12
XYZ = np.round(np.random.default_rng(5).normal(0, 0.4, (ROWS, 3)), 4)
MS = np.arange(ROWS) * 20
SPEC = Spec("x", (1, 3, 3), "int8", 4 / 128, 0)
START = datetime(2026, 3, 1, 23, 59, 59, 900_000, tzinfo=UTC)
HEAD = "time_ms,ax,ay,az\n"


def table(form: str, head: str = "", end: str = "\n") -> str:
    """A row as `form` says: {t} milliseconds, {d} the date and {c} the time of day, {x}, {y}, {z}."""
    rows = []
    for t, (x, y, z) in zip(MS.tolist(), XYZ.tolist(), strict=True):
        now = START + timedelta(milliseconds=t)
        clock = f"{now:%H:%M:%S.%f}"[:-3]
        day = f"{now:%Y-%m-%d}"
        rows.append(form.format(t=t, us=t * 1000, d=day, g=f"{now:%d.%m.%Y}", c=clock, x=x, y=y, z=z) + end)
    return head + "".join(rows)


def read(folder: Path, data: str | bytes, name: str = "r.csv", **signal: object) -> Recording:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return recording.load(path, [SPEC], signal=Input.model_validate(signal))


LOGS: dict[str, tuple[str | bytes, str | None]] = {
    "Arduino IDE": (table("{c} -> {x},{y},{z}"), "time: column 1, taken as dates: 50 Hz"),
    "its plotter": (table("{c} -> ax:{x},ay:{y},az:{z}"), "channels, in this order: ax, ay, az"),
    "plotter, tabs": (table("ax:{x}\tay:{y}\taz:{z}"), "channels, in this order: ax, ay, az"),
    "Python's print": (table("[{x}, {y}, {z}]"), None),
    "PuTTY": (
        table("{t},{x},{y},{z}", f"=~=~= PuTTY log 2026.03.01 =~=~=\r\nready\r\n{HEAD}", "\r\n"),
        "2 lines before the table are left out, the last is `ready`",
    ),
    "meta data": (
        table("{t},{x},{y},{z}", f"Device:,MPU6050\nRate:,50 Hz\n\n{HEAD}"),
        "2 lines before the table are left out, the last is `Rate:,50 Hz`",
    ),
    "units below names": (
        table("{t},{x},{y},{z}", "time,ax,ay,az\nms,g,g,g\n"),
        "channels, in this order: ax (g), ay (g), az (g)",
    ),
    "Excel's sep": (
        table("{t};{x};{y};{z}", "sep=;\r\n" + HEAD.replace(",", ";"), "\r\n"),
        "columns separated by semicolons",
    ),
    "UTF-16, no mark": (
        table("{t}\t{x}\t{y}\t{z}", HEAD.replace(",", "\t")).encode("utf-16-le"),
        "text taken as utf-16-le",
    ),
    "Mac": (table("{t},{x},{y},{z}", HEAD, "\r"), "time: `time_ms`, taken as ms: 50 Hz"),
    "zone": (table("{d}T{c}+01:00,{x},{y},{z}", "timestamp,ax,ay,az\n"), "taken as dates: 50 Hz"),
    "day first": (table("{g} {c},{x},{y},{z}", "timestamp,ax,ay,az\n"), "taken as dates: 50 Hz"),
    "day and clock": (
        table("{d},{c},{x},{y},{z}", "date,time,ax,ay,az\n"),
        "`date` is a time, too, and left out",
    ),
    "Axivity": (table("{d} {c},{x},{y},{z}"), "time: column 1, taken as dates: 50 Hz"),
    "MetaWear": (
        table("{t},{d} {c},{x},{y},{z}", "epoc (ms),timestamp (+0000),ax,ay,az\n"),
        "`timestamp (+0000)` is a time, too, and left out",
    ),
    "one word": (
        table("{t},v1,{x},{y},{z}", "time_ms,firmware,ax,ay,az\n"),
        "`firmware` is 'v1' in every row and left out",
    ),
    "LabVIEW": (
        table(
            "{t}e-3\t{x}\t{y}\t{z}",
            "LabVIEW Measurement\t\nWriter_Version\t2\nDate\t2026/03/01\n***End_of_Header***\t\n\t\n"
            "Channels\t3\t\t\t\nX_Dimension\tTime\tTime\tTime\t\nDelta_X\t0.02\t0.02\t0.02\t\n"
            "***End_of_Header***\t\t\t\t\nX_Value\tax\tay\taz\tComment\n",
        ).replace(".", ","),
        "time: `X_Value`, taken as s: 50 Hz",
    ),
    "Shimmer": (
        table("{t}\t{x}\t{y}\t{z}", "Timestamp\tX\tY\tZ\nms\tm/(s^2)\tm/(s^2)\tm/(s^2)\n"),
        "channels, in this order: X (m/(s^2)), Y (m/(s^2)), Z (m/(s^2))",
    ),
    "Influx": (
        table(
            ",r,2026-03-01T00:00:00Z,{d}T{c}000000Z,imu,{x},{y},{z}",
            "#group,false,true,false,true\n,result,_start,_time,_measurement,ax,ay,az\n",
        ),
        "time: `_time`, taken as dates: 50 Hz",
    ),
    "Polar": (
        table("{d}T{c};{us}000;{x};{y};{z}", "Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]\n"),
        "`sensor timestamp [ns]` is a time, too, and left out",
    ),
    "ThingSpeak": (
        "created_at,entry_id,field1,field2,field3\n"
        + "".join(
            f"2026-03-01 23:59:59.{20 * i:03d} UTC,{i + 7},{x},{y},{z}\n" for i, (x, y, z) in enumerate(XYZ)
        ),
        "`entry_id` counts the rows and is left out",
    ),
    "Arduino's habit": (
        table("ax: {x}\tay: {y}\taz: {z}\t", end="\r\n"),
        "channels, in this order: ax, ay, az",
    ),
    "empty column": (
        table("{t},{x},{y},{z},", "time_ms,ax,ay,az,total\n"),
        "`total` is empty and left out",
    ),
}


@pytest.mark.parametrize("log", LOGS)
def test_text(tmp_path: Path, log: str) -> None:
    data, said = LOGS[log]
    found = read(tmp_path, data)
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
    assert said is None or any(said in note for note in found.notes), found.notes
    assert found.rate_hz is None or found.rate_hz == pytest.approx(50)
    assert found.labels is None and found.gaps == 0


def test_quoted_decimal_commas(tmp_path: Path) -> None:
    row = table('{t},"{x}","{y}","{z}"', HEAD).replace(".", ",")
    found = read(tmp_path, row)
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
    assert "decimal commas" in found.notes


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (np.where(np.arange(ROWS) < 5, 0, 2**32) + MS - 100 + 2**32, "of 32 bits, begins anew 1 times"),
        (MS + 2**16 - 100, "of 16 bits, begins anew 1 times"),
        (MS // 80 * 80, "4 rows share one and are laid evenly: 50 Hz"),
        (MS + 1_700_000_000_000, "taken as ms: 50 Hz"),
        (MS * 1_000_000 + 1_700_000_000_000_000_000, "taken as ns: 50 Hz"),
        (MS - 20 * (np.arange(ROWS) == 4), "1 rows have the time of the one before: 50 Hz"),
    ],
)
def test_clocks(tmp_path: Path, times: np.ndarray, said: str) -> None:
    if "bits" in said:
        times = times % (2**32 if "32" in said else 2**16)
    rows = "".join(f"{t},{x},{y},{z}\n" for t, (x, y, z) in zip(times, XYZ, strict=True))
    found = read(tmp_path, f"timestamp,ax,ay,az\n{rows}")
    assert any(said in note for note in found.notes), found.notes
    assert found.rate_hz == pytest.approx(50) and found.gaps == int("rows have" in said)


def test_packets_keep_their_gaps(tmp_path: Path) -> None:
    times = MS // 80 * 80 + 400 * (np.arange(ROWS) >= 8)
    rows = "".join(f"{t},{x},{y},{z}\n" for t, (x, y, z) in zip(times, XYZ, strict=True))
    found = read(tmp_path, HEAD + rows)
    assert found.gaps == 1 and found.rate_hz == pytest.approx(50)


def test_units_become_the_models(tmp_path: Path) -> None:
    rows = "".join(f"{x},{1000 * y},{9.80665 * z}\n" for x, y, z in XYZ)
    text = f"ax [g],ay (mg),az (m/s²)\n{rows}"
    with pytest.raises(UsageError, match=r"`ay \(mg\)` and `ax \[g\]` have different units"):
        read(tmp_path, text)
    for spelled in ("(m/s²)", "[m/(s^2)]"):
        found = read(tmp_path, text.replace("(m/s²)", spelled), unit="g")
        np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
        assert {"converted from mg to g", f"converted from {spelled[1:-1]} to g"} <= set(found.notes)
    with pytest.raises(UsageError, match=r"is in g, \[input\] says dps, and neither becomes the other"):
        read(tmp_path, text, unit=["dps", "mg", "g"])
    payload = {"interval_ms": 20, "values": (1000 * XYZ).tolist()}
    payload["sensors"] = [{"name": name, "units": "mg"} for name in "xyz"]
    acquired = read(tmp_path, json.dumps({"payload": payload}), "r.json", unit="g")
    np.testing.assert_allclose(acquired.values[0].reshape(-1, 3), XYZ, rtol=1e-6)


def test_a_scale_of_the_users_goes_before_units(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(table("{x},{y},{z}", "ax (mg),ay (mg),az (mg)\n"))
    found = recording.load(path, [SPEC], signal=Input(unit="g"), columns=Columns(scale=2.0))
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), 2 * XYZ, rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (table("{t},{x},{y},{z}", HEAD) + table("{t},{x},{y},{z}", HEAD), "row 14 is the header again"),
        ("a\tb\n1,234\t2,500\n", "nobody can tell whether the comma in '1,234' is a decimal one"),
        ("a;b;c\n1.234;2,5;0,1\n1.234;2,5;0,1\n", "`b` holds words, such as '2,5'"),
        ('a,b,c\n0.5,"1,000",2.5\n0.5,"1,000",2.5\n', "`b` holds words, such as '1,000'"),
        (table("I ({t}) imu: {x},{y},{z}"), "column 1 holds words, such as 'I \\(0\\) imu"),
        ("time (weeks),a,b,c\n1,2,3,4\n2,2,3,4\n3,2,3,4\n", "has 4 columns of numbers"),
        ("a:1,b:2,c:3\na:1,c:2,b:3\n", "row 2, column 2 is 'c:2', not `b` and a number"),
        ("ax,ay,az\n1,2,3,4\n", "row 2 has 4 columns, the ones before have 3"),
        ("a;b;c\n1.234;2;12\n999;4;5\n", "nobody can tell whether the point in '1.234' is a decimal one"),
        ("a,b,c\n0012,1,2\n1E05,3,4\n", "nobody can tell whether '1E05' is hexadecimal"),
        (table("{d} 11:59:59 PM,{x},{y},{z}", "time,ax,ay,az\n"), "11:59:59 PM' of sample 0 .* is neither"),
        (table("0x{t},{x},{y},{z}", "a,b,c,d\n"), "`a` holds words, such as '0x0'"),
        ("Time,a,b,c\n46082.1,1,1,1\n46082.1000002315,1,1,1\n", "no unit can be told"),
        ("time,a,b,c\n1.5,1,1,1\n21.6,1,1,1\n41.4,1,1,1\n", "no unit can be told .* they step by"),
        (
            "t_ms,what,value\n" + "".join(f"{i // 2},a{i % 2},1\n" for i in range(20)),
            r"of several .* \(a0, a1\)",
        ),
        ("t_ms,_field,value\n0,ax,1\n20,ax,1\n0,ay,2\n20,ay,2\n", "do not rise|not finite and rising"),
    ],
)
def test_refusals(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        read(tmp_path, text)
    assert caught.value.hint


def wav(kind: int, bits: int, data: bytes, extensible: bool = False) -> bytes:
    """Three channels at 50 Hz, with a LIST chunk before the samples. Microsoft's RIFF, mmreg.h."""
    frame = 3 * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else kind, 3, 50, 50 * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH14s", 22, bits, 7, kind, bytes.fromhex("000000001000800000aa00389b71"))
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"LIST" + struct.pack("<I", 26) + b"INFOISFT" + struct.pack("<I", 14) + b"Lavf58.29.100\0"
    body += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("kind", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
def test_waves(tmp_path: Path, kind: int, bits: int, extensible: bool) -> None:
    values = np.clip(XYZ, -1, 0.99)
    if kind == 3:
        data = values.astype(f"<f{bits // 8}").tobytes()
    else:
        whole = np.floor(values * 2.0 ** (bits - 1)).astype(np.int64) + (128 if bits == 8 else 0)
        data = b"".join(int(v).to_bytes(bits // 8, "little", signed=bits > 8) for v in whole.ravel())
    (tmp_path / "r.wav").write_bytes(wav(kind, bits, data, extensible))
    content = sample_file.read(tmp_path / "r.wav")
    np.testing.assert_allclose(
        np.asarray(content.arrays["x"], np.float64), values, atol=2.0 ** (1 - bits) if kind == 1 else 1e-7
    )
    (tmp_path / "cut.wav").write_bytes(wav(kind, bits, data)[: -3 * bits // 8])
    cut = sample_file.read(tmp_path / "cut.wav")
    assert len(cut.arrays["x"]) == ROWS - 1 and "the file is shorter than its header says" in cut.notes


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (MS, "taken as ms"),
        (MS / 1000, "taken as s"),
        (MS / 1000 + 1.7e9, "taken as s"),
        (MS + 1.7e12, "taken as ms"),
        (np.datetime64("2026-01-01") + MS.astype("timedelta64[ms]"), "taken as ns"),
    ],
)
def test_times_of_an_npz(tmp_path: Path, times: np.ndarray, said: str) -> None:
    np.savez(tmp_path / "r.npz", x=XYZ, t=times)
    found = recording.load(tmp_path / "r.npz", [SPEC], window=3)
    assert found.rate_hz == pytest.approx(50) and found.notes == (f"time: `t`, {said}",)


@pytest.mark.parametrize(
    "times",
    [
        pa.array(MS + 1_700_000_000_000, pa.timestamp("ms")),
        pa.array(MS * 1_000_000 + 1_700_000_000_000_000_123, pa.timestamp("ns", "Europe/Berlin")),
        pa.array(MS, pa.duration("ms")),
        pa.array(MS.tolist(), pa.time32("ms")),
    ],
)
def test_clocks_and_lists_of_parquet(tmp_path: Path, times: pa.Array) -> None:
    columns = {"when": times, "acc": XYZ.tolist()}
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "r.parquet")
    found = recording.load(tmp_path / "r.parquet", [SPEC])
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
    assert found.rate_hz == pytest.approx(50)
    assert found.notes[-1] == "channels, in this order: acc.0, acc.1, acc.2"


def test_pandas_index_in_parquet_is_no_channel(tmp_path: Path) -> None:
    columns = {"time_ms": MS, "ax": XYZ[:, 0], "ay": XYZ[:, 1], "az": XYZ[:, 2], "__index_level_0__": MS + 7}
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "r.parquet")
    found = recording.load(tmp_path / "r.parquet", [SPEC])
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
    assert "`__index_level_0__` is pandas' index and left out" in found.notes


def test_integers_of_another_type_are_said_to_be_quantised(tmp_path: Path) -> None:
    np.save(tmp_path / "r.npy", np.arange(18, dtype=np.int16).reshape(6, 3))
    found = recording.load(tmp_path / "r.npy", [SPEC], window=3)
    assert found.notes == ("`x`: int16 taken as values already quantised",)
    np.save(tmp_path / "r.npy", np.arange(18, dtype=np.int8).reshape(6, 3))
    assert recording.load(tmp_path / "r.npy", [SPEC], window=3).notes == ()


def test_objects_in_json_lines(tmp_path: Path) -> None:
    rows = [
        {"ts": t, "acc": {"x": x, "y": str(y), "z": z}}
        for t, (x, y, z) in zip(MS.tolist(), XYZ.tolist(), strict=True)
    ]
    found = read(tmp_path, "\n".join(map(json.dumps, rows)), "r.jsonl", channels=["acc.x", "acc.y", "acc.z"])
    np.testing.assert_allclose(found.values[0].reshape(-1, 3), XYZ, rtol=1e-6)
    assert found.notes == ("time: `ts`, taken as ms: 50 Hz",)


def test_an_empatica_file_begins_with_its_date_and_rate(tmp_path: Path) -> None:
    file = tmp_path / "ACC.csv"
    file.write_text("1700000000.0,1700000000.0\n32.0,32.0\n1,2\n3,4\n5,6\n")
    found = sample_file.read(file)
    assert found.arrays["x"].tolist() == [[1, 2], [3, 4], [5, 6]] and found.rate_hz == 32
    assert any("Empatica" in note for note in found.notes)
    file.write_text("1700000000.0,1700000000.0\n32.0,32.0\n1,2\n3,nan\n")
    with pytest.raises(UsageError, match="row 4, column 2 is NaN"):
        sample_file.read(file)
    file.write_text("1700000000.0\n1700000000.5\n1700000001.0\n")  # a column of dates, which has no rate
    assert len(sample_file.read(file).arrays.get("x", ())) in (0, 3)


@pytest.mark.parametrize("name", ["Sample Index", "count", "packet"])
def test_a_counter_of_rows_is_no_channel(tmp_path: Path, name: str) -> None:
    file = tmp_path / "r.csv"
    file.write_text(f"{name},x,y\n0,5,6\n1,7,8\n2,9,1\n")
    found = sample_file.read(file)
    assert found.channels == ("x", "y") and any("counts the rows" in note for note in found.notes)


def test_rows_of_several_sensors_are_no_labels(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("sensor,t_s,x,y,z\n" + "".join(f"{'ag'[i % 2]},{i // 2},1,2,{i}\n" for i in range(8)))
    with pytest.raises(UsageError, match=r"rows are of several sensors or series \(a, g\), as `sensor` says"):
        sample_file.read(file)
    found = sample_file.read(file, None, Columns(label="sensor"))
    assert found.labels is not None and found.labels.classes == ("a", "g")


def test_two_columns_of_one_name_are_not_chosen_between(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("t,x,x,z\n0.0,1,2,3\n0.1,4,5,6\n0.2,4,5,6\n")
    with pytest.raises(UsageError, match="has 2 columns called 'x'"):
        sample_file.read(file, Input(channels=("x", "z")))


def test_labels_and_times_of_an_npz_by_other_names(tmp_path: Path) -> None:
    file = tmp_path / "r.npz"
    np.savez(file, x=np.ones((4, 3)), labels=np.arange(4) % 2, timestamps=np.arange(4) * 20)
    found = sample_file.read(file)
    assert list(found.arrays) == ["x"] and found.labels is not None and found.seconds is not None
    assert found.labels.values.tolist() == [0, 1, 0, 1] and found.seconds[1] == 0.02


def test_the_names_of_many_columns_are_said_in_a_short_sentence(tmp_path: Path) -> None:
    """640 features a row, as of a spectrogram: a sentence names the first, and how many more there are."""
    head = ",".join(f"bin{i}" for i in range(640))
    row = ",".join(str(i) for i in range(640))
    file = tmp_path / "wide.csv"
    file.write_text(f"{head}\n{row}\n{row}\n", encoding="utf-8")
    found = recording.load(file, [Spec("x", (1, 640), "int8", 1.0, 0)])
    first = "bin0, bin1, bin2, bin3, bin4, bin5, bin6, bin7 and 632 more"
    assert found.notes[-1] == f"channels, in this order: {first}"
    with pytest.raises(UsageError, match=r"there are `bin0`, .*, `bin7` and 632 more$"):
        recording.load(file, [SPEC], signal=Input(channels=("ax", "ay", "az")))
    with pytest.raises(UsageError, match=rf"640 columns of numbers \({first}\),"):
        recording.load(file, [Spec("x", (1, 7), "int8", 1.0, 0)])
