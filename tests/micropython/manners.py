# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: what `model` says to a caller who gives it what does not fit."""

import model


def refused(error, call):
    try:
        call()
    except error as said:
        print(said)
    else:
        print("not refused")


given = bytes(24 * 20 * 3)
refused(ValueError, lambda: model.predict(given[1:]))
refused(ValueError, lambda: model.predict(given, bytearray(4)))
refused(ValueError, lambda: model.init(bytearray(model.arena_size - 1)))
first = model.predict(given)
lent = bytearray(model.arena_size)
model.init(lent)
again = model.predict(memoryview(given))
print(first is again, any(lent), list(again) == list(first), min(again) < 0)
model.arena_size = 1 << 28
model._arena = None
refused(MemoryError, lambda: model.predict(given))
