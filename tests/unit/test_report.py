# SPDX-License-Identifier: Apache-2.0
"""Percentiles, metrics, budgets, verdicts and exit codes, each shown to fail when it should; all formats."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace as changed
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from tests import builds, fake_device
from tests.replays import judged, replayed
from tinyedge.board import Ticks
from tinyedge.board import load as load_board
from tinyedge.errors import InvalidMeasurement
from tinyedge.judge import charts, junit, latency, markdown, page, picture, record, report
from tinyedge.judge.harness import Replay
from tinyedge.project import Budget, Limits
from tinyedge.recording import metrics
from tinyedge.recording.metrics import Metric

CYCLES = Ticks(unit="cycles", hz=1_000_000, per_tick=1.0, source="a test")


def test_percentiles_are_measured_values_in_the_boards_unit() -> None:
    board = fake_device.board()
    ticks = np.arange(1, 101, dtype=np.uint64)
    found = latency.measure(ticks, board.ticks, board.clock_hz)
    assert (found.unit, found.resolution, found.count) == ("instructions", 31.25, 100)
    expected = [31.25 * n for n in (1, 50, 95, 99, 100)]
    assert [found.min, found.p50, found.p95, found.p99, found.max] == expected


def test_a_clock_that_stands_still_is_no_measurement() -> None:
    with pytest.raises(InvalidMeasurement, match="stood still"):
        latency.measure(np.zeros(3, np.uint64), CYCLES, None)


def test_deadlines_need_time_and_a_period() -> None:
    ticks = np.array([900, 1000, 1001, 5000], np.uint64)  # microseconds
    assert latency.deadlines(ticks, CYCLES, 1000.0).deadline_misses == 2
    assert latency.deadlines(ticks, CYCLES, None).deadline_misses is None
    emulated = latency.deadlines(ticks, fake_device.board().ticks, 1000.0)
    assert emulated.deadline_misses is None and "instructions" in emulated.reason


def test_auc_is_the_share_of_pairs_in_order_with_ties_half() -> None:
    labels, scores = np.array([0, 0, 2, 1]), np.array([0.1, 0.4, 0.4, 0.9])
    assert metrics.auc(labels, scores) == pytest.approx(3.5 / 4)
    assert metrics.auc(np.zeros(4, np.int64), scores) is None
    assert metrics.auc(np.ones(4, np.int64), scores) is None


def test_accuracy_takes_the_largest_output_or_half_of_a_lone_one() -> None:
    classes = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]])
    assert metrics.accuracy(np.array([1, 0, 0]), classes) == pytest.approx(2 / 3)
    assert metrics.accuracy(np.array([1, 0]), np.array([[0.5], [0.49]])) == 1.0


def test_scores_are_the_mean_squared_error_or_the_last_output() -> None:
    inputs, outputs = np.array([[1.0, 2.0]]), np.array([[2.0, 4.0]])
    assert Metric("auc", "mse").scores(inputs, outputs) == pytest.approx([2.5])
    assert Metric("auc", "output").scores(inputs, outputs) == pytest.approx([4.0])
    assert Metric("accuracy").scores(inputs, outputs) is None


@pytest.mark.parametrize(
    ("sizes", "kind", "score"),
    [((8, 8), "auc", "mse"), ((8, 1), "auc", "output"), ((8, 3), "accuracy", "mse")],
)
def test_the_metric_follows_from_the_shapes(sizes: tuple[int, int], kind: str, score: str) -> None:
    assert metrics.choose(*sizes, labelled=True) == Metric(kind, score)
    assert metrics.choose(*sizes, labelled=False).kind == "none"


def test_a_right_replay_passes_with_every_key_of_the_design() -> None:
    found = judged(replayed(), [replayed().expected.host[0] * np.float32(0.5)], flash=9000, accuracy_drop=0.0)
    assert (found.verdict, found.exit_code) == ("pass", 0)
    document = json.loads(json.dumps(record.document(found), allow_nan=False))
    assert document["frames"] == 4
    assert document["recording"]["sha256"] == hashlib.sha256(bytes(range(16))).hexdigest()
    assert {k: document["bit_exact"][k] for k in ("frames", "mismatches", "first_layer")} == {
        "frames": 4,
        "mismatches": 0,
        "first_layer": None,
    }
    accuracy = document["accuracy"]
    assert [accuracy[k] for k in ("metric", "float", "integer_host", "device")] == ["auc", 1.0, 1.0, 1.0]
    assert document["latency"]["p50"] == 2000 and document["latency"]["unit"] == "instructions"
    assert set(document["real_time"]) >= {"period_us", "deadline_misses"}
    assert document["memory"]["stack_high_water"] == 272 and document["energy"] is None
    assert [line["name"] for line in document["budgets"]] == ["bit_exact", "flash", "accuracy_drop"]
    assert all(line["ok"] is True for line in document["budgets"])
    for key in ("board", "model", "image", "flash", "ram", "layers", "verdict"):
        assert key in document


def test_differing_bits_fail_and_are_counted() -> None:
    found = judged(replayed(wrong=3))
    assert (found.verdict, found.exit_code) == ("fail", 1)
    assert (found.bit_exact.frames, found.bit_exact.mismatches) == (3, 3)
    assert found.bit_exact.first_layer is not None and "conv_2d" in found.bit_exact.first_layer


def test_bits_that_nobody_can_judge_are_not_a_pass() -> None:
    found = judged(replayed(judged=False))
    assert (found.verdict, found.exit_code) == ("not judged", 3)
    assert found.bit_exact.mismatches is None and found.bit_exact.unjudged == "no one knows"


@pytest.mark.parametrize(
    ("name", "kept", "broken"),
    [
        ("flash", 9000, 8999),
        ("ram", 5000, 4999),
        ("arena", 8, 7),
        ("stack", 300, 299),
        ("latency_p50", 2000, 1999),
        ("latency_p95", 4000, 3999),
        ("latency_p99", 4000, 3999),
        ("latency_max", 4000, 3999),
    ],
)
def test_each_limit_is_kept_or_broken(name: str, kept: int, broken: int) -> None:
    limits: list[dict[str, Any]] = [{name: kept}, {name: broken}]
    assert judged(replayed(), **limits[0]).verdict == "pass"
    found = judged(replayed(), **limits[1])
    assert found.exit_code == 1
    assert found.budgets[-1].name == name and found.budgets[-1].ok is False


def test_accuracy_limits() -> None:
    """Normal frames that the device reconstructs worse than the anomaly: AUC 0 on target, 1 in float."""
    replay = replayed()
    bad = replay.outputs[0].copy()
    bad[:3] = 127
    spoiled = changed(replay, outputs=(bad,), expected=changed(replay.expected, reference=(bad,)))
    perfect = [replay.expected.host[0] * np.float32(0.5)]
    assert judged(spoiled, perfect).accuracy.device == 0.0
    assert judged(spoiled, perfect, accuracy_drop=0.9).verdict == "fail"
    assert judged(spoiled, perfect, accuracy_drop=1.0).verdict == "pass"
    assert judged(spoiled, perfect, accuracy_min=0.1).verdict == "fail"
    assert judged(replay, perfect, accuracy_min=1.0).verdict == "pass"


@pytest.mark.parametrize(
    ("replay", "limits", "reason"),
    [
        (replayed(), {"accuracy_drop": 0.1}, "no float model"),
        (replayed(labels=None), {"accuracy_min": 0.1}, "has no labels"),
        (replayed(labels=(0, 0, 0, 0)), {"accuracy_min": 0.1}, "an AUC needs"),
        (replayed(), {"deadline_misses": 0}, "period"),
    ],
)
def test_a_limit_on_what_is_not_known_is_not_a_pass(
    replay: Replay, limits: dict[str, Any], reason: str
) -> None:
    found = judged(replay, **limits)
    assert (found.verdict, found.exit_code) == ("not judged", 3)
    assert reason in found.budgets[-1].reason
    assert judged(replayed(wrong=1), **limits).exit_code == 1  # a failure outweighs what is not known


@pytest.mark.parametrize(
    ("policy", "limits", "wrong", "verdict"),
    [
        (None, {"latency_p99_us": 1.0}, 0, "not judged"),
        ("pass", {"latency_p99_us": 1.0}, 0, "pass"),
        ("fail", {"latency_p99_us": 1.0}, 0, "fail"),
        ("pass", {"latency_p99_us": 1.0, "flash": 8999}, 0, "fail"),
        ("pass", {"latency_p99_us": 1.0}, 1, "fail"),
        ("pass", {"latency_p99_cycles": 1.0, "deadline_misses": 0}, 0, "pass"),
    ],
)
def test_what_nobody_can_judge_is_a_matter_of_policy(
    policy: str | None, limits: dict[str, Any], wrong: int, verdict: str
) -> None:
    found = judged(replayed(wrong), not_judged=policy, **limits)
    assert found.verdict == verdict
    (line,) = (line for line in found.budgets if line.name.startswith("latency"))
    assert line.ok is None and "instructions" in line.reason
    assert f"not judged {line.name}" in found.judgement


def test_bits_that_nobody_can_judge_pass_under_no_policy() -> None:
    assert judged(replayed(judged=False), not_judged="pass").verdict == "not judged"
    assert judged(replayed(judged=False), not_judged="fail").verdict == "fail"


def test_a_verdict_says_what_it_rests_on() -> None:
    assert judged(replayed()).judgement == "judged bit_exact; AUC 1.0000 has no limit"
    limited = judged(replayed(), accuracy_min=0.5, flash=9000)
    assert limited.judgement == "judged bit_exact, flash, accuracy_min"


@pytest.mark.parametrize(
    ("unit", "hz", "us", "cycles", "instructions"),
    [
        ("cycles", 10_000_000, 10.0, 100.0, None),
        ("ns", None, 0.1, None, None),
        ("instructions", 10_000_000, None, None, 100.0),
        ("cycles", None, None, 100.0, None),
    ],
)
def test_latencies_by_unit(
    unit: str, hz: int | None, us: float | None, cycles: float | None, instructions: float | None
) -> None:
    found = latency.Latency(unit, hz, 1.0, latency.METHOD, 1, 100.0, 100.0, 100.0, 100.0, 100.0, 0.0)
    values = found.limited()
    assert [values[f"latency_p99_{u}"] for u in ("us", "cycles", "instructions")] == [
        us,
        cycles,
        instructions,
    ]
    assert values["latency_p99"] == 100.0
    assert set(values) == {name for name in Limits.model_fields if name.startswith("latency")}
    assert bool(found.timeless) == (us is None)


def test_a_clock_that_is_not_the_boards_measures_no_time() -> None:
    found = latency.Latency("cycles", 240_000_000, 1.0, "", 1, 100.0, 100.0, 100.0, 100.0, 100.0, 0.0)
    wrong = changed(found, clock_hz_measured=40e6, clock_hz_uncertainty=1e3)
    assert wrong.clock_differs and "40 MHz, at most 0." in wrong.timeless
    assert wrong.limited()["latency_p99_us"] is None and wrong.limited()["latency_p99_cycles"] == 100.0


def test_markdown_is_read_as_it_was_meant() -> None:
    """By the parser that rich uses, with GitHub's tables."""
    found = judged(replayed(wrong=2), flash=1, accuracy_drop=0)
    html = MarkdownIt("commonmark").enable("table").render(markdown.render(found))
    assert html.count("<table>") == 2 and html.count("<h3>") == 1
    assert "<td>bit_exact</td>" in html and "broken" in html and "not judged" in html
    assert "&lt;first&gt;" in html and "<first>" not in html


@pytest.mark.parametrize(
    ("wrong", "limits", "verdict", "code"),
    [
        (0, {}, "incomplete", 4),
        (0, {"flash": 9000, "latency_max": 9000, "accuracy_min": 0.0}, "incomplete", 4),
        (0, {"latency_p99": 1.0, "accuracy_min": 1.0}, "incomplete", 4),  # more frames might mend these
        (0, {"flash": 8999}, "fail", 1),
        (0, {"latency_max": 1.0}, "fail", 1),
        (2, {}, "fail", 1),
    ],
)
def test_a_replay_that_stopped_early_is_no_pass_and_fails_where_no_frame_can_mend_it(
    wrong: int, limits: dict[str, Any], verdict: str, code: int
) -> None:
    found = judged(replayed(wrong, frames=3), **limits)
    assert (found.verdict, found.exit_code) == (verdict, code)
    assert found.stopped == "stopped after 3 of 4 frames: the port is gone"
    assert record.of(found).frames == 3 and record.of(found).recording.frames == 4
    assert record.of(found).recording.sha256 == record.of(judged(replayed())).recording.sha256
    for line in found.budgets:
        if line.ok is None:
            assert "only 3 of 4 frames" in line.reason
    text = page.render(found, ())
    assert ("stopped after 3 of 4 frames" in text and b"only 3 of 4 frames" in junit.render(found)) or wrong


@pytest.mark.parametrize(
    ("emulated", "unit", "each"), [(False, "cycles", 1.0), (True, "instructions", 1e9 / 168e6)]
)
def test_an_emulators_ticks_are_not_called_cycles(emulated: bool, unit: str, each: float) -> None:
    # One image and one hello: what a tick is worth depends on who counted.
    replay = changed(replayed(), ticks_hz=168_000_000, tick_unit="cycles")
    found = report.judge(
        replay,
        fake_device.build(),
        load_board("netduinoplus2"),
        Budget(),
        Metric("none"),
        period_us=10.0,
        emulated=emulated,
    )
    assert found.latency.unit == unit
    assert found.latency.max == pytest.approx(128 * each)
    assert (found.real_time.deadline_misses is None) == emulated


def test_a_clock_that_is_not_the_boards_is_no_measurement() -> None:
    with pytest.raises(InvalidMeasurement, match="16000000"):
        judged(changed(replayed(), ticks_hz=16_000_000))


def test_junit_has_a_case_for_each_limit() -> None:
    suite = ElementTree.fromstring(
        junit.render(judged(replayed(wrong=2), flash=1, ram=5000, accuracy_drop=0))
    )
    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {"bit_exact": ["failure"], "flash": ["failure"], "ram": [], "accuracy_drop": ["error"]}
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "1")
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["verdict"] == "fail" and properties["instructions_p99"] == "4000"
    message = suite.findall("testcase")[0][0].get("message") or ""
    assert "2 output elements differ" in message and "<first>" in message


def test_the_picture_is_a_png_and_depends_on_the_report_alone() -> None:
    found = judged(replayed(wrong=1))
    image = picture.render(found)
    assert image.startswith(b"\x89PNG\r\n") and image == picture.render(found)
    assert image != picture.render(judged(replayed(labels=(0, 1, 1, 0))))
    without = picture.render(changed(found, scores=None))
    assert without.startswith(b"\x89PNG") and without != image


def test_classes_have_a_lane_each_with_what_was_decided_right_and_otherwise() -> None:
    replay = replayed(labels=(3, 3, 1, 2))  # the largest of each output is the last, of the fourth the first
    told = changed(replay, recording=changed(replay.recording, classes=("rest", "walk", "$run$", "jump")))
    found = report.judge(
        told,
        fake_device.build(),
        fake_device.board(),
        Budget(),
        Metric("accuracy"),
        None,
        None,
        emulated=True,
    )
    axes = Figure().subplots()
    picture.draw_outcome(axes, found)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["rest", "walk", "class 2", "jump"]
    drawn = {str(line.get_label()): np.asarray(line.get_xydata()).tolist() for line in axes.lines}
    assert drawn == {
        "decided on target, as labelled": [[0, 3], [1, 3]],
        "decided otherwise": [[2, 3], [3, 0]],
    }


def test_the_threshold_is_a_score_of_the_normal_frames() -> None:
    scores, labels = np.arange(200.0), np.repeat([0, 1], 100)
    assert picture.threshold(scores, labels) == 98.0
    assert picture.threshold(scores, None) is None
    assert picture.threshold(scores, np.ones(200, np.int64)) is None


def test_the_page_stands_alone_and_escapes() -> None:
    found = judged(replayed(wrong=1), flash=1, accuracy_drop=0.1)
    html = page.render(found, charts.draw(found), "2026-11-28T18:00:00+00:00")
    assert "&lt;first&gt;" in html and "<first>" not in html and "a&amp;b.npz" in html
    assert 'src="data:image/svg+xml;base64,' in html
    assert "http" not in html.replace("http-equiv", "")
    assert "broken" in html and "not judged" in html and "2026-11-28T18:00:00+00:00" in html


def test_charts_depend_on_the_report_alone_and_follow_a_dark_screen() -> None:
    found = charts.draw(judged(replayed(wrong=1)))
    assert found == charts.draw(judged(replayed(wrong=1)))
    assert [one.title for one in found] == ["Recording", "What came of it", "Latency", "Arena"]
    for one in found:
        root = ElementTree.fromstring(one.svg)
        assert root.tag.endswith("svg") and b"currentColor" in one.svg and b"prefers-color-scheme" in one.svg
        assert b"<script" not in one.svg and b"#010203" not in one.svg
    other = charts.draw(judged(replayed(labels=(0, 1, 1, 0))))
    assert found[0] == other[0] and found[1] != other[1]


def test_a_line_has_its_name_where_a_font_draws_that_as_it_is() -> None:
    assert picture.legend(("ax", "gyr_z (dps)"), 2, 1, "channel") == "gyr_z (dps)"
    assert picture.legend((), 2, 1, "output") == picture.legend(("a", "b", "c"), 2, 1, "output") == "output 1"
    for name in ("_hidden", "$x^$", "音", "a\nb", "", "x" * 32):
        assert picture.legend(("a", name), 2, 1, "channel") == "channel 1"


def test_a_place_in_the_arena_is_a_tensors_until_it_is_written_again() -> None:
    one, two, three = builds.slot("a", 4, 0, 4), builds.slot("b", 5, 4, 4), builds.slot("c", 6, 2, 4)
    made = builds.make(
        inputs=(builds.slot("x", 0, 0, 4),),
        outputs=(three,),
        layers=(
            builds.layer("f", "relu", one),
            builds.layer("g", "relu", two),
            builds.layer("h", "relu", three),
        ),
    )
    assert [(life.name, life.first, life.last) for life in charts.lifetimes(made)] == [
        ("x", -1, 0), ("a", 0, 2), ("b", 1, 2), ("c", 2, 3)
    ]  # fmt: skip
