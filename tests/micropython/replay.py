# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: every module of models.txt on every frame of MODULE.bin, a line of output each."""

import gc

import micropython


def buffers(model, role):
    """Bytes for every input or output, as predict takes them: one buffer, or a tuple of them."""
    shapes = []
    for name in [role] + [role + str(i) for i in range(9)]:
        if hasattr(model, name + "_shape"):
            shapes.append(getattr(model, name + "_shape"))
    found = []
    for shape in shapes:
        size = 1
        for n in shape:
            size *= n
        found.append(bytearray(size))
    return found


for name in open("models.txt").read().split():
    model = __import__(name)
    inputs, outputs = buffers(model, "input"), buffers(model, "output")
    given = inputs[0] if len(inputs) == 1 else tuple(inputs)
    out = outputs[0] if len(outputs) == 1 else tuple(outputs)
    model.init()
    frames = open(name + ".bin", "rb")
    while all(frames.readinto(buf) == len(buf) for buf in inputs):
        gc.collect()
        # Nothing is allocated once the arena is there.
        micropython.heap_lock()
        try:
            model.predict(given, out)
        finally:
            micropython.heap_unlock()
        print(name, "".join(["%02x" % byte for buf in outputs for byte in buf]))
