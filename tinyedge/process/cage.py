# SPDX-License-Identifier: Apache-2.0
"""Takes a folder or none, gives up every right of this process but reading software and writing in there.

For processes that read a stranger's file with a library that was not made for it. No privilege is needed;
what a system does not have (Landlock and namespaces are Linux's) is left out: see SECURITY.md.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

LARGEST_FILE = 4 << 30  # bytes
LARGEST_MEMORY = 8 << 30  # bytes of data; TensorFlow itself takes half a gigabyte
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/opt", "/nix", "/gnu", "/proc", "/sys")
# Not all of /etc and /dev: root reads secrets and disks there whatever their rights, and users share memory.
_LINKER = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d")
_SETTINGS = ("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/mime.types", "/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

# linux/prctl.h, linux/sched.h, linux/personality.h
_SET_NO_NEW_PRIVS = 38
_NEW_USER, _NEW_NET, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000
_ASK = 0xFFFFFFFF
_NO_RANDOMIZE = 0x0040000
# linux/landlock.h; the system calls have these numbers on every architecture
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1  # flag of _CREATE_RULESET
_PATH_BENEATH = 1  # kind of rule
_READ = 0b1100  # READ_FILE, READ_DIR
_ALL_BY_VERSION = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}  # + REFER, TRUNCATE, IOCTL_DEV
_EXECUTE = 1
_TCP = 0b11  # bind, connect; since version 4
_SCOPES = 0b11  # abstract sockets and signals of others; since version 6


def fix_addresses() -> None:
    """Start this process again with its memory at the same addresses every time.

    TensorFlow's converter orders some of what it does by address, so the same model could end in other bytes.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    now = libc.personality(_ASK)
    # A system that forbids it (a container's filter may) gives -1, and ends in the same bytes nearly always.
    if now == -1 or now & _NO_RANDOMIZE or libc.personality(now | _NO_RANDOMIZE) == -1:
        return
    os.execv(sys.executable, sys.orig_argv)


def enter(folder: str | None) -> None:
    """Work in `folder` from now on, and never again write elsewhere, start a program or open a connection.

    None: write nowhere. Call it before anything starts a thread. OSError where `folder` is not there.
    """
    os.chdir(folder or os.sep)
    _limit()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.unshare(_NEW_USER | _NEW_NET | _NEW_IPC) == -1:
            libc.unshare(_NEW_NET | _NEW_IPC)  # for root where user namespaces are switched off
        _landlock(libc, folder)


def _limit() -> None:
    with contextlib.suppress(ImportError):  # not on Windows
        import resource

        limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, LARGEST_FILE)]
        if sys.platform == "linux":  # elsewhere it counts less, or more
            limits.append((resource.RLIMIT_DATA, LARGEST_MEMORY))
        for limit, most in limits:
            hard = resource.getrlimit(limit)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(limit, (most, most))


def _landlock(libc: ctypes.CDLL, folder: str | None) -> None:
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return  # a kernel before 5.13, or one built or started without it
    handled = _ALL_BY_VERSION[max(known for known in _ALL_BY_VERSION if known <= version)]
    fields = [handled]
    if version >= 4:
        fields.append(_TCP)
    if version >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return
    for path in _readable():
        _allow(libc, rules, path, handled & _READ)
    _allow(libc, rules, "/dev/null", handled & ~_EXECUTE)
    if folder is not None:
        _allow(libc, rules, folder, handled & ~_EXECUTE)
    libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _readable() -> Iterable[str]:
    installed = (sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.executable), *sys.path)
    places = (*_SYSTEM, *_LINKER, *_SETTINGS, *_DEVICES, *installed)
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return dict.fromkeys(path for path in (*places, *libraries) if path)


def _allow(libc: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not Path(path).is_dir():
        access &= 0b1 | 0b10 | 0b100 | 0x4000 | 0x8000  # what a file can be asked for
    rule = struct.pack("=Qi", access, place)
    libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    os.close(place)
