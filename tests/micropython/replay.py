# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: every module of models.txt on every frame of MODULE.bin, a line of output each."""

import gc
from array import array

import micropython


SIZES = {"b": 1, "B": 1, "h": 2, "i": 4}
LARGE = ("fully_connected_wide",)
"""Modules whose sums may have 31 bits and more."""


def buffers(model, role):
    """Arrays for every input or output, as predict takes them: one, or a tuple of them."""
    found = []
    for name in [role] + [role + str(i) for i in range(16)]:
        if hasattr(model, name + "_shape"):
            kind = getattr(model, name + "_type")
            size = SIZES[kind]
            for n in getattr(model, name + "_shape"):
                size *= n
            found.append(array(kind, bytes(size)))
    return found


for name in open("models.txt").read().split():
    model = __import__(name)
    inputs, outputs = buffers(model, "input"), buffers(model, "output")
    given = inputs[0] if len(inputs) == 1 else tuple(inputs)
    out = outputs[0] if len(outputs) == 1 else tuple(outputs)
    kinds = [getattr(model, key) for key in dir(model) if key.endswith("_type")]
    model.init()
    frames = open(name + ".bin", "rb")
    while all(frames.readinto(buf) == len(bytes(buf)) for buf in inputs):
        gc.collect()
        # Nothing is allocated once the arena is there, but for numbers that are objects, of 31 bits and more.
        locked = not (name in LARGE or any(kind == "i" for kind in kinds))
        if locked:
            micropython.heap_lock()
        try:
            model.predict(given, out)
        finally:
            if locked:
                micropython.heap_unlock()
        print(name, "".join(["%02x" % byte for buf in outputs for byte in bytes(buf)]))
