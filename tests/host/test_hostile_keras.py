# SPDX-License-Identifier: Apache-2.0
"""A model file is a stranger's: loading one runs no code of it and touches no file, unless we are told to."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.host import hostile_keras as hostile
from tests.hostile import PATIENCE
from tinyedge.errors import UsageError
from tinyedge.model.keras.converter import Converter
from tinyedge.process.worker import Worker

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module", autouse=True)
def tensorflow() -> None:
    if importlib.util.find_spec("tensorflow") is None:
        lacking('pip install "tinyedge[keras]"')


@pytest.fixture(scope="module")
def converter(tensorflow: None) -> Iterator[Converter]:
    """One process for all files: it imports TensorFlow once."""
    with Converter() as process:
        yield process


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile SavedModels, which only TensorFlow can make."""
    folder = tmp_path_factory.mktemp("graphs")
    subprocess.run(
        [sys.executable, str(HERE / "hostile_graphs.py"), str(folder)],
        check=True,
        capture_output=True,
        timeout=PATIENCE,
        cwd=folder,
    )
    return folder


def ran(converter: Converter, *folders: Path) -> list[Path]:
    """Files that only code out of a model can have written; taken away again."""
    found = [path for folder in (converter.home, *folders) for path in folder.rglob("PWNED*")]
    for path in found:
        path.unlink()
    return found


@pytest.mark.filterwarnings("ignore:Duplicate name")  # one of the tricks
def test_no_keras_file_runs_or_reads_anything(converter: Converter, tmp_path: Path) -> None:
    makers = (hostile.files_2, hostile.files_3, hostile.files_deep)
    paths = [path for made in makers for path in made(tmp_path)]
    assert len(paths) > 60
    for path in paths:
        with pytest.raises(UsageError, match="is not loaded: ") as caught:
            converter.load(path)
        assert "--trust" in caught.value.hint and "\n" not in str(caught.value)
        assert not ran(converter, tmp_path), path


def test_every_obstacle_is_named(converter: Converter, tmp_path: Path) -> None:
    path = tmp_path / "many.keras"
    layers = [hostile.lambda_3(), hostile.entry("Mine", "a"), hostile.entry("ReLU", "b", activation="evil")]
    hostile.archive(path, hostile.sequential(*layers), "3.15.1")
    with pytest.raises(UsageError) as caught:
        converter.load(path)
    for said in ("layer 'mine' is a Lambda", "layer 'a' is of the class 'Mine'", "function 'evil'"):
        assert said in str(caught.value)


def test_weights_are_in_the_file_itself(converter: Converter, tmp_path: Path) -> None:
    for path in hostile.files_linked(tmp_path):
        with pytest.raises(UsageError, match="is not a Keras model, or it is damaged"):
            converter.load(path)


def test_what_is_no_network_is_one_sentence(converter: Converter, tmp_path: Path) -> None:
    for path in hostile.files_broken(tmp_path):
        with pytest.raises(UsageError) as caught:
            converter.load(path)
        assert "\n" not in str(caught.value) and caught.value.exit_code == 2
        assert not ran(converter, tmp_path) and not Path("/tmp/PWNED").exists(), path


def test_trust_runs_the_code_where_it_can_do_no_harm(converter: Converter, tmp_path: Path) -> None:
    two = tmp_path / "lambda_2.h5"
    hostile.hdf5(two, json.dumps(hostile.sequential(hostile.lambda_2(), version="2")), "2.15.0")
    three = tmp_path / "lambda_3.keras"
    hostile.archive(three, hostile.sequential(hostile.lambda_3()), "3.15.1")
    for path in (two, three):
        assert "mine" in converter.load(path, trust=True).names.layers
        assert ran(converter, tmp_path) == [converter.home / "PWNED"]


def test_what_trains_a_model_is_not_loaded(converter: Converter, tmp_path: Path) -> None:
    path = tmp_path / "compiled.keras"
    penalty = {"module": "pdb", "class_name": "run", "config": {"statement": "open('PWNED', 'w')"}}
    config = hostile.sequential(hostile.entry("ReLU", "act", activity_regularizer=penalty))
    config["compile_config"] = {"loss": hostile.function("mine", "my_loss")}
    hostile.archive(path, config, "3.15.1")
    assert converter.load(path).names.layers == ("act",)
    assert not ran(converter, tmp_path)


@pytest.mark.parametrize(
    ("name", "operators"),
    [
        ("writes", "WriteFile"),
        ("reads", "ReadFile"),
        ("prints", "PrintV2"),
        ("python", "PyFunc"),
        ("branch", "WriteFile"),
        ("initialises", "WriteFile"),
        ("table", "InitializeTableFromTextFileV2, LookupTableFindV2"),
        ("old", "WriteFile"),
    ],
)
def test_no_operator_of_a_saved_model_runs(
    converter: Converter, graphs: Path, name: str, operators: str
) -> None:
    with pytest.raises(UsageError, match=f"is not loaded: .* do more than compute: .*{operators}"):
        converter.load(graphs / name)
    assert not ran(converter, graphs)


def test_saved_models_of_both_versions_are_loaded(converter: Converter, graphs: Path) -> None:
    assert converter.load(graphs / "plain").shapes == ((None, 4),)
    assert converter.load(graphs / "plain_old").shapes == ((None, 4),)


PROBES = {
    "inside": "open('mine', 'w').close()",
    "outside": "open({folder!r} + '/PWNED', 'w').close()",
    "program": "__import__('subprocess').run(['true'])",
    "shell": "1 / (__import__('os').system('true') == 0)",
    "net": "__import__('socket').create_connection(('127.0.0.1', {port}), 1)",
    "home": "__import__('os').listdir({folder!r})",
    "secret": "open('/etc/passwd').close()",
    "environment": "open('/proc/{pid}/environ').read()",
    "shared": "__import__('os').listdir('/dev/shm')",
    "signal": "__import__('os').kill({pid}, 0)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and namespaces are Linux's")
def test_the_cage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import socket

    (tmp_path / "cage").mkdir()
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "prober.py").write_text(
        "from tinyedge.process import worker\n"
        "def attempt(code):\n"
        "    try:\n"
        "        exec(code)\n"
        "    except Exception as error:\n"
        "        return type(error).__name__\n"
        "    return 'done'\n"
        "def main():\n"
        "    worker.serve(lambda asked, arrays, progress:\n"
        "                 ({key: attempt(code) for key, code in asked.items()}, []))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        facts = {"folder": str(tmp_path), "port": server.getsockname()[1], "pid": os.getpid()}
        asked = {key: code.format(**facts) for key, code in PROBES.items()}
        monkeypatch.chdir(tmp_path)
        for code in asked.values():
            exec(code)  # else the probes prove nothing
        (tmp_path / "PWNED").unlink()
        found = []
        for folder in (tmp_path / "cage", None):
            worker = Worker("prober", folder=folder)
            found.append(worker.ask(asked, [], 30)[0])
            worker.close()
    writing, reading = found
    assert writing.pop("inside") == "done" and (tmp_path / "cage" / "mine").is_file()
    assert "done" not in (*writing.values(), *reading.values()), found
    assert not (tmp_path / "PWNED").exists()
