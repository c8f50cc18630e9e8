# SPDX-License-Identifier: Apache-2.0
"""`tinyedge compare` fails on each kind of regression, and on nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.replays import judged, replayed
from tinyedge import build, cli
from tinyedge.judge import comparison, record
from tinyedge.judge.comparison import Policy
from tinyedge.judge.record import Record


def base() -> Record:
    """A report whose every figure is known and not 0, so that it can get better and worse."""
    known = record.of(judged(replayed()))
    return replace(
        known,
        ram=replace(known.ram, state=40),
        bit_exact=replace(known.bit_exact, mismatches=4),
        real_time=replace(known.real_time, deadline_misses=4),
        accuracy=replace(known.accuracy, device=0.5),
    )


def worse(name: str, by: float) -> Record:
    """The base with one figure worse by so much (better where negative)."""
    b = base()
    match name:
        case "flash" | "weights":
            field = {"flash": "total"}.get(name, name)
            return replace(b, flash=replace(b.flash, **{field: getattr(b.flash, field) + int(by)}))
        case "ram" | "arena" | "state" | "stack":
            key = {"ram": "total", "stack": "stack_bound"}.get(name, name)
            return replace(b, ram=replace(b.ram, **{key: getattr(b.ram, key) + int(by)}))
        case "instructions":
            return replace(b, latency=replace(b.latency, p50=b.latency.p50 + by))
        case "bits":
            return replace(b, bit_exact=replace(b.bit_exact, mismatches=4 + int(by)))
        case "deadline_misses":
            return replace(b, real_time=replace(b.real_time, deadline_misses=4 + int(by)))
        case _:
            return replace(b, accuracy=replace(b.accuracy, device=0.5 - by / 100))


FIGURES = sorted({*Policy.model_fields} - {"cycles"})


@pytest.mark.parametrize("name", FIGURES)
def test_each_regression_is_the_only_one(name: str) -> None:
    found = comparison.compare(base(), worse(name, 1), Policy())
    assert [change.name for change in found.regressions] == [name]
    assert {change.outcome for change in found.changes} == {"same", "regression"}


@pytest.mark.parametrize("name", FIGURES)
def test_what_gets_better_or_no_worse_than_allowed_is_none(name: str) -> None:
    assert comparison.compare(base(), worse(name, -1), Policy()).regressions == ()
    allowed = 0.02 if name == "accuracy" else 2
    policy = Policy(**{name: allowed})
    assert comparison.compare(base(), worse(name, 2), policy).regressions == ()
    assert [c.name for c in comparison.compare(base(), worse(name, 3), policy).regressions] == [name]


def test_a_share_is_of_what_it_was() -> None:
    policy = Policy(flash="1 %")  # of 9,000 bytes
    assert comparison.compare(base(), worse("flash", 90), policy).regressions == ()
    assert comparison.compare(base(), worse("flash", 91), policy).regressions != ()


def test_what_is_no_longer_known_is_a_regression_and_what_is_new_is_none() -> None:
    less = replace(base(), accuracy=replace(base().accuracy, device=None))
    assert [change.name for change in comparison.compare(base(), less, Policy()).regressions] == ["accuracy"]
    assert comparison.compare(less, base(), Policy()).regressions == ()


def test_nanoseconds_are_shown_and_not_judged() -> None:
    slow, fast = (
        replace(base(), latency=replace(base().latency, unit="ns", p50=p50)) for p50 in (900.0, 100.0)
    )
    found = comparison.compare(fast, slow, Policy())
    assert found.regressions == ()
    assert [c.outcome for c in found.changes if c.name == "ns"] == ["not judged"]


def run(folder: Path, before: Any, after: Any, *more: str) -> int:
    build.write(folder / "a.json", before)
    (folder / "b").mkdir(exist_ok=True)
    build.write(folder / "b" / "report.json", after)
    with pytest.raises(SystemExit) as ended:
        cli.main(["compare", str(folder / "a.json"), str(folder / "b"), *more])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command_fails_says_why_and_writes_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.toml").write_text('flash = "1 %"\n')
    page = tmp_path / "out.md"
    options = ("--policy", str(tmp_path / "policy.toml"), "--markdown", str(page))
    assert run(tmp_path, base(), base(), *options) == 0
    assert "verdict: pass" in capsys.readouterr().out
    changed = replace(worse("flash", 900), compiler="another | compiler")
    assert run(tmp_path, base(), changed, *options) == 1
    out = capsys.readouterr().out
    assert "regression: flash is 9,900, was 9,000, and may get worse by 90" in out
    assert "note: compiled by another | compiler, before a compiler" in out
    html = MarkdownIt("commonmark").enable("table").render(page.read_text())
    assert html.count("<table>") == 1 and "<td>regression</td>" in html and "another | compiler" in html
    assert run(tmp_path, base(), changed, "--json") == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "fail"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flsh = 1", "'flsh'"),
        ('flash = "1"', "N %"),
        ('flash = "x %"', "N %"),
        ("flash = -1", "N %"),
        ("flash = nan", "N %"),
        ("flash = true", "N %"),
    ],
)
def test_a_wrong_policy_is_named(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "policy.toml").write_text(text)
    assert run(tmp_path, base(), base(), "--policy", str(tmp_path / "policy.toml")) == 2
    assert says in capsys.readouterr().err


def test_what_cannot_be_compared_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, base(), replace(base(), board="host")) == 2
    assert "of the board mps3-an547, the second of host" in capsys.readouterr().err
    assert run(tmp_path, base(), record.of(judged(replayed(frames=2)))) == 3
    assert "stopped after 2 of 4 frames" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        cli.main(["compare", str(tmp_path / "a.json"), str(tmp_path / "none")])
    assert ended.value.code == 2 and "there is no build and no report" in capsys.readouterr().err
