# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: pushes samples.bin through `model` in pieces of 1, 2, 3 ... rows; a line for a run.

Nothing is taken from the heap meanwhile. Then what a stream does that is interrupted, reset, or badly fed.
"""

import gc
from array import array

import micropython
import model

_, hop, channels = model.input_shape
held = array("h", open("samples.bin", "rb").read())
pieces = [array("h", bytes(2 * channels * rows)) for rows in range(1, 2 * hop)]


def fill(piece, at):
    for i in range(len(piece)):
        piece[i] = held[at + i]


def play(runs):
    at = 0
    for turn in range(10 * runs):
        piece = pieces[turn % len(pieces)]
        if at + len(piece) > len(held):
            return
        fill(piece, at)
        before = at // (hop * channels)
        at += len(piece)
        after = at // (hop * channels)
        gc.collect()
        micropython.heap_lock()
        try:
            found = model.push(piece)
        finally:
            micropython.heap_unlock()
        if after != before:
            print(
                after,
                found,
                list(model.score),
                sum(model.features),
                sum(i * x for i, x in enumerate(model.features)),
            )
        if after >= runs:
            return


model.init()
play(1000)
print("again")
model.push(held[: channels * (hop + 1)])
model.reset()
play(7)
if hasattr(model, "_whole"):  # C is not interrupted
    print("torn")
    whole = model._whole

    def interrupted(buf, out):
        whole(buf, out)
        raise KeyboardInterrupt

    model._whole = interrupted
    try:
        model.push(held[: channels * hop])
    except KeyboardInterrupt:
        model._whole = whole
    play(7)
try:
    model.push(held[: channels + 1])
except ValueError as said:
    print(said)
