# SPDX-License-Identifier: Apache-2.0
"""A decision about one int32 score, with hysteresis."""

from number import number
from store import store


def threshold_s32(
    arena,
    source: int,
    now_data,
    now: int,
    target: int,
    on_high: int,
    on_low: int,
    off_high: int,
    off_low: int,
    warm_up: int,
):
    scores = ptr8(arena)
    kept = ptr8(now_data)
    decision = kept[now]
    runs = int(number(now_data, (now >> 2) + 1))
    if runs < warm_up:
        store(now_data, now + 4, runs + 1)
    else:
        # Compared by halves, since a number of 32 bits is more than a small integer on some ports.
        high = ((scores[source + 3] ^ 128) - 128) * 256 + scores[source + 2]
        low = scores[source] + (scores[source + 1] << 8)
        least_high = on_high
        least_low = on_low
        if decision != 0:
            least_high = off_high
            least_low = off_low
        decision = 0
        if high > least_high or (high == least_high and low > least_low):
            decision = 1
        store(now_data, now, decision)
    store(arena, target, decision)
