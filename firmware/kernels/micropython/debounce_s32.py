# SPDX-License-Identifier: Apache-2.0
"""Decisions without those that did not last."""

from number import number
from store import store


def debounce_s32(
    arena,
    source: int,
    now_data,
    now: int,
    target: int,
    runs: int,
    hold: int,
    nothing: int,
):
    fresh = int(number(arena, source >> 2))
    state = now >> 2
    force = int(number(now_data, state))
    since = 1
    if fresh == int(number(now_data, state + 1)):
        since = int(number(now_data, state + 2)) + 1
        if since > runs:
            since = runs
    more = int(number(now_data, state + 3))
    if more > 0:
        more -= 1
    if since == runs and fresh != force and more == 0:
        force = fresh
        if fresh != nothing:
            more = hold
    store(now_data, now, force)
    store(now_data, now + 4, fresh)
    store(now_data, now + 8, since)
    store(now_data, now + 12, more)
    store(arena, target, force)
