# SPDX-License-Identifier: Apache-2.0
"""Runs in MicroPython: model.mpy of the ROMFS in rom.img; are its constants the image's bytes?"""

import sys

import uctypes
import vfs

with open("rom.img", "rb") as file:
    image = file.read()
vfs.mount(vfs.VfsRom(image), "/flash")
sys.path.insert(0, "/flash")

model = __import__("model")
first = uctypes.addressof(image)
out = model.predict(bytes(24 * 20 * 3))
place = uctypes.addressof(model._constants)
print(first <= place < first + len(image), list(out))
