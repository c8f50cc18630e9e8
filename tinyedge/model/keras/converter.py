# SPDX-License-Identifier: Apache-2.0
"""Takes a model's path, then calibration arrays, gives TFLite bytes: the process that imports TensorFlow.

The process is caged (`tinyedge.process.cage`): it sees a copy of the model and nothing else of the user's.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from tinyedge import errors, ops, paths
from tinyedge.errors import UsageError
from tinyedge.model.keras.looping import Hole
from tinyedge.model.keras.names import Names
from tinyedge.process.messages import Array, Message
from tinyedge.process.worker import Lost, Worker

LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
# The process is given up when it says nothing for so long. Importing TensorFlow takes seconds; a damaged HDF5
# file can send its library round in circles for ever.
LOAD_SECONDS = 300.0
CONVERT_SECONDS = 1800.0

_LARGEST = 1 << 30  # bytes; a microcontroller's flash ends long before


@dataclass(frozen=True)
class Described:
    """A float network: its inputs and its author's names. Shapes are with batch, None where open."""

    inputs: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    dtypes: tuple[str, ...]
    names: Names
    origin: str


@dataclass(frozen=True)
class Converted:
    """data, real: TFLite bytes, integer and float32. refused: why `data` is in part float, else "".

    kept: how many of their last inputs are what their last outputs were in the call before. carrying: names
    of LSTM layers that go on from the call before though their author did not ask for it.
    """

    data: bytes
    real: bytes
    refused: str
    kept: int = 0
    carrying: tuple[str, ...] = ()
    holes: tuple[Hole, ...] = ()
    steps: tuple[Converted, ...] = ()


def _copy(model: Path, target: Path) -> None:
    """A model's file, or all files of its folder; UsageError where they are too large."""
    files = [file for file in model.rglob("*") if file.is_file()] if model.is_dir() else [model]
    if sum(file.stat().st_size for file in files) > _LARGEST:
        raise UsageError(f"{model} has more than {_LARGEST:,} bytes", "give a model for a microcontroller")
    for file in files:
        place = target / file.relative_to(model) if model.is_dir() else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


class Converter:
    """The process that imports TensorFlow; it never outlives the `with` block."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self.home = self._opened.enter_context(paths.temporary())
        """The one folder that the process can write to."""
        home = str(self.home)
        settings = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",  # its float sums depend on the processor
            "CUDA_VISIBLE_DEVICES": "-1",
            "KERAS_BACKEND": "tensorflow",
            "KERAS_HOME": home,  # the user's keras.json may set another float type
            "PYTHONHASHSEED": "0",
            "HOME": home,
            "TMPDIR": home,
        }
        self._worker = Worker("tinyedge.model.keras.child", settings, self.home, fixed=True)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._worker.pid

    def __enter__(self) -> Converter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.close()
        self._opened.close()

    def load(self, model: Path, trust: bool = False) -> Described:
        """Load a copy of the model. Raises UsageError, also where it is not to be loaded without `trust`."""
        inside = self.home / f"given{model.suffix.lower()}"
        try:
            shutil.rmtree(inside, ignore_errors=True)
            _copy(model, inside)
        except OSError as error:
            raise UsageError(
                f"cannot read the model {model}: {error.strerror or error}", "check the path"
            ) from None
        request = {"do": "load", "path": str(inside), "name": str(model), "trust": trust}
        header, _ = self._ask(model, request, [])
        return Described(
            tuple(header["names"]),
            tuple(tuple(shape) for shape in header["shapes"]),
            tuple(header["dtypes"]),
            Names(tuple(header["layers"]), tuple(header["outputs"])),
            header["origin"],
        )

    def convert(
        self,
        model: Path,
        scheme: str,
        shapes: Sequence[Sequence[int]],
        arrays: list[Array],
        progress: Callable[[int], object] = lambda done: None,
    ) -> Converted:
        """Make the network that was loaded integer. arrays: calibration frames [N, ...] of each input."""
        request = {
            "do": "convert",
            "name": str(model),
            "scheme": scheme,
            "shapes": [list(shape) for shape in shapes],
            # TensorFlow has no such operator with int16.
            "single": scheme == "int8" and LSTM in ops.operators(),
        }
        header, models = self._ask(model, request, arrays, progress)
        files = [array.tobytes() for array in models]
        whole, *steps = (
            Converted(data, real, header["refused"])
            for data, real in zip(files[::2], files[1::2], strict=True)
        )
        holes = tuple(
            Hole(**{**told, "first": tuple(told["first"]), "results": tuple(told["results"])})
            for told in header["holes"]
        )
        return replace(
            whole, kept=header["kept"], carrying=tuple(header["carrying"]), holes=holes, steps=tuple(steps)
        )

    def _ask(
        self,
        model: Path,
        request: dict[str, Any],
        arrays: list[Array],
        progress: Callable[[int], object] = lambda done: None,
    ) -> Message:
        """Send one request and wait for its answer; raises the error that the child answers."""
        try:
            seconds = LOAD_SECONDS if request["do"] == "load" else CONVERT_SECONDS
            header, answer = self._worker.ask(request, arrays, seconds, progress)
        except Lost as lost:
            raise _explain(model, lost, request["do"]) from None
        if "error" in header:
            told = header["error"]
            if told["problems"]:
                each = [errors.Unsupported(*problem) for problem in told["problems"]]
                raise errors.Unsupported(told["message"], told["hint"], each)
            raise getattr(errors, told["kind"])(told["message"], told["hint"])
        return header, answer


def _explain(model: Path, lost: Lost, doing: str) -> Exception:
    if lost.silent and doing == "load":
        return UsageError(
            f"loading {model} took more than {LOAD_SECONDS:.0f} s",
            "is the file whole? Save it again",
        )
    if lost.silent:
        return UsageError(
            f"TensorFlow said nothing for {CONVERT_SECONDS:.0f} s while converting {model}",
            "calibrate with fewer samples (--samples)",
        )
    if "Traceback" in lost.said:
        # Not foreseen: a defect of ours or a broken installation; both need the whole story.
        return RuntimeError(f"the TensorFlow process failed on {model}:\n{lost.said}")
    return UsageError(
        f"the TensorFlow process {lost.how} on {model} ({doing})",
        "is the file whole, and is there enough memory?",
    )
