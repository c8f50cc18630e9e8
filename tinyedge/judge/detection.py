# SPDX-License-Identifier: Apache-2.0
"""Takes decisions and labels of a stream, gives how good they are: window by window, and event by event.

An event is a stretch of frames with one label that is not normal, a detection one with one decision that is
not "nothing". A detection belongs to an event of its class that it meets, within a tolerance before and
behind; an event is found when a detection belongs to it, a detection that belongs to none is a false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tinyedge.build import CLOSED
from tinyedge.judge.orders import Order

Numbers = NDArray[np.int64]
NONE = "(none)"
"""What the class of frames is called in which nothing was decided."""


@dataclass(frozen=True)
class ClassFigures:
    """One class: labelled frames, and shares of 1; None where nothing was labelled or decided so."""

    __pydantic_config__ = CLOSED
    name: str
    frames: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Events:
    """Events of the labels and detections of the device. Times in seconds; None where they are not known.

    delay_p50, delay_max: from an event's beginning to its first detection, of those found. false_alarms: also
    an hour of what lies outside all events.
    """

    __pydantic_config__ = CLOSED
    events: int
    found: int
    detections: int
    false_alarms: int
    precision: float | None
    recall: float | None
    delay_p50: float | None
    delay_max: float | None
    false_alarms_per_hour: float | None


@dataclass(frozen=True)
class Detection:
    """How good decisions are, of the `frames` behind the warm-up.

    confusion: frames by label (rows) and decision (columns), in the order of `columns`. auc, partial_auc: of
    the score on the device; the partial one up to 10 % of false alarms, standardised (0.5 is guessing).
    level: of the score, above which it is a detection. order: of the classes, where that of the labels is
    plainly another than the model's.
    """

    __pydantic_config__ = CLOSED
    frames: int
    warm_up: int
    classes: tuple[ClassFigures, ...]
    columns: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    auc: float | None
    partial_auc: float | None
    level: float | None
    events: Events
    order: Order | None = None


@dataclass(frozen=True)
class Span:
    """Frames first .. last of one class."""

    kind: int
    first: int
    last: int


def spans(values: Numbers, nothing: int | None, merge: int = 0) -> list[Span]:
    """Stretches of one value other than `nothing`; those of one class up to `merge` frames apart are one."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    found: list[Span] = []
    for first, end in pairwise(edges):
        kind = int(values[first])
        if kind == nothing:
            continue
        if found and found[-1].kind == kind and first - found[-1].last - 1 <= merge:
            found[-1] = Span(kind, found[-1].first, end - 1)
        else:
            found.append(Span(kind, first, end - 1))
    return found


def events(
    labels: Numbers,
    decisions: Numbers,
    normal: int | None,
    nothing: int | None,
    period_s: float | None,
    tolerance_s: float = 0.0,
    merge_s: float = 0.0,
) -> Events:
    """Match detections with events; normal, nothing: the label and the decision that are none."""
    within = 0 if period_s is None else round(tolerance_s / period_s)
    true = spans(labels, normal)
    seen = spans(decisions, nothing, 0 if period_s is None else round(merge_s / period_s))

    def belongs(detection: Span, event: Span) -> bool:
        near = detection.first <= event.last + within and detection.last >= event.first - within
        return near and detection.kind == event.kind

    delays = []
    for event in true:
        starts = [detection.first for detection in seen if belongs(detection, event)]
        if starts:
            delays.append(max(0, min(starts) - event.first))
    alarms = sum(not any(belongs(detection, event) for event in true) for detection in seen)
    outside = len(labels) - sum(event.last - event.first + 1 for event in true)
    hours = None if period_s is None else outside * period_s / 3600
    return Events(
        events=len(true),
        found=len(delays),
        detections=len(seen),
        false_alarms=alarms,
        precision=(len(seen) - alarms) / len(seen) if seen else None,
        recall=len(delays) / len(true) if true else None,
        delay_p50=_seconds(float(np.median(delays)), period_s) if delays else None,
        delay_max=_seconds(max(delays), period_s) if delays else None,
        false_alarms_per_hour=alarms / hours if hours else None,
    )


def confusion(labels: Numbers, decisions: Numbers, count: int) -> Numbers:
    """Frames [label, decision] of `count` classes; the last column has those in which none was decided."""
    found = np.zeros((count, count + 1), np.int64)
    np.add.at(found, (labels, np.where(decisions < 0, count, decisions)), 1)
    return found


def figures(table: Numbers, names: Sequence[str]) -> tuple[ClassFigures, ...]:
    """Precision and recall of each class of a confusion."""
    return tuple(
        ClassFigures(
            name,
            int(table[at].sum()),
            _share(table[at, at], table[:, at].sum()),
            _share(table[at, at], table[at].sum()),
        )
        for at, name in enumerate(names)
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def _seconds(frames: float, period_s: float | None) -> float | None:
    return None if period_s is None else frames * period_s


def confused(found: Detection) -> tuple[tuple[str, ...], list[tuple[str | int, ...]]]:
    """The confusion for a table: its head, then for each labelled class how often each was decided."""
    named = zip(found.classes, found.confusion, strict=True)
    return ("labelled, decided as", *found.columns), [(each.name, *counts) for each, counts in named]


def rows(found: Detection) -> list[tuple[str, str]]:
    """For the verdict table: what, and how much."""
    events = found.events
    told = [("frames before windows are full", f"{found.warm_up:,}")] if found.warm_up else []
    if found.auc is not None:
        told.append(("AUC of the score, on target", f"{found.auc:.4f}"))
    if found.partial_auc is not None:
        told.append(("  up to 10 % false alarms", f"{found.partial_auc:.4f}"))
    if found.level is not None:
        told.append(("level of the score", f"{found.level:.4g}"))
    for each in found.classes:
        shares = f"{_shown(each.precision)} / {_shown(each.recall)} of {each.frames:,} frames"
        told.append((f"precision / recall, {each.name}", shares))
    told += [
        ("events found", f"{events.found:,} of {events.events:,}"),
        ("false alarms", f"{events.false_alarms:,} of {events.detections:,} detections"),
    ]
    if events.false_alarms_per_hour is not None:
        told.append(("false alarms an hour", f"{events.false_alarms_per_hour:.3g}"))
    if events.delay_p50 is not None:
        told.append(("time to detection, p50 / max", f"{events.delay_p50:.3g} / {events.delay_max:.3g} s"))
    return told


def _shown(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
