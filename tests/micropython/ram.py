# SPDX-License-Identifier: Apache-2.0
"""Runs on a board without a file system: gives it one, in RAM, and makes it the current folder."""

import io
import os
import sys

import vfs


class File(io.IOBase):
    def __init__(self, files, name, mode):
        if "w" in mode:
            files[name] = bytearray()
        elif name not in files:
            raise OSError(2)
        self.data = files[name]
        self.at = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def close(self):
        pass

    def read(self, size=-1):
        end = len(self.data) if size < 0 else self.at + size
        found = bytes(self.data[self.at : end])
        self.at += len(found)
        return found

    def ioctl(self, request, argument):
        return 0

    def readinto(self, buf):
        size = min(len(buf), len(self.data) - self.at)
        buf[:size] = self.data[self.at : self.at + size]
        self.at += size
        return size

    def write(self, buf):
        self.data.extend(buf)
        return len(buf)


class Ram:
    def __init__(self):
        self.files = {}

    def mount(self, readonly, mkfs):
        pass

    def chdir(self, path):
        pass

    def getcwd(self):
        return "/"

    def stat(self, path):
        size = len(self.files[path.strip("/")]) if path.strip("/") in self.files else None
        if size is None:
            raise OSError(2)
        return (0x8000, 0, 0, 0, 0, 0, size, 0, 0, 0)

    def open(self, path, mode):
        return File(self.files, path.strip("/"), mode)

    def remove(self, path):
        if self.files.pop(path.strip("/"), None) is None:
            raise OSError(2)

    def rename(self, old, new):
        self.files[new.strip("/")] = self.files.pop(old.strip("/"))

    def statvfs(self, path):
        return (1, 1, 1 << 20, 1 << 20, 0, 0, 0, 0, 0, 255)


vfs.mount(Ram(), "/ram")
os.chdir("/ram")
sys.path.insert(0, "/ram")
