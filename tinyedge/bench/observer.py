# SPDX-License-Identifier: Apache-2.0
"""Who hears what a long job does: a command's Console, or nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Observer(Protocol):
    """Is told what happens, in sentences and steps."""

    def say(self, what: str) -> None:
        """Something was done."""

    def note(self, what: str) -> None:
        """Something was recognised, such as what is in a file: told once, however often that is read."""

    def warn(self, text: str) -> None:
        """Something deserves attention, and is no error; told once, too."""

    def progress(
        self, what: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], object]]:
        """A job of `total` steps begins; the function inside is called with the steps just done."""
        ...


class Nobody:
    """Hears nothing."""

    def say(self, what: str) -> None:
        """As Observer."""

    def note(self, what: str) -> None:
        """As Observer."""

    def warn(self, text: str) -> None:
        """As Observer."""

    def progress(
        self, what: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], object]]:
        """As Observer."""
        return nullcontext(lambda steps: None)


NOBODY = Nobody()
