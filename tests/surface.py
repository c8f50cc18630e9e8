# SPDX-License-Identifier: Apache-2.0
"""Takes what `import tinyedge` gives, makes docs/python.md of it."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

import tinyedge

_HEAD = """# Python

Made from docstrings, and kept true by a test, which also runs the example. What the wheel carries is typed
(`py.typed`); names that are not here may change."""


def example() -> str:
    """The code in the package's docstring."""
    words = inspect.getdoc(tinyedge) or ""
    block = re.search(
        r"(?:^(?:    .*)?\n)*?^    from pathlib import Path\n(?:^(?:    .*)?\n)*", words, re.MULTILINE
    )
    assert block is not None
    return textwrap.dedent(block[0]).strip()


def document() -> str:
    """Every public name: what it is, takes and gives."""
    words = inspect.getdoc(tinyedge) or ""
    told = [line for line in words.splitlines() if not line.startswith("    ")]
    prose = re.sub(r"\n{2,}", "\n\n", "\n".join(told)).strip()
    first, _, rest = prose.partition(":\n")
    lines = [_HEAD, "", f"{first}:", "", "```python", example(), "```", "", rest.strip()]
    for name in tinyedge.__all__:
        found = getattr(tinyedge, name)
        lines += [
            "",
            f"## {name}",
            "",
            *(_type(name, found) if inspect.isclass(found) else _verb(name, found)),
        ]
    return "\n".join(lines)


def _verb(name: str, function: Any) -> list[str]:
    return ["```text", f"tinyedge.{name}{_signature(function)}", "```", "", *_words(function)]


def _type(name: str, kind: type) -> list[str]:
    # Of what pydantic adds to its models nothing is ours to describe.
    lines = _words(kind)
    fields: dict[str, Any] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.startswith("tinyedge"):
            fields |= inspect.get_annotations(each)
    fields = {key: value for key, value in fields.items() if not key.startswith("_")}
    if fields and not name.endswith("Error"):
        lines += ["", "```text", *(f"{key}: {_annotation(value)}" for key, value in fields.items()), "```"]
    for key, member in vars(kind).items():
        if key.startswith("_"):
            continue
        if isinstance(member, property):
            lines += ["", f"**`.{key}`** {_prose(member.fget)}"]
        elif isinstance(member, classmethod | staticmethod):
            lines += ["", _method(f"{name}.{key}", member.__func__)]
        elif inspect.isfunction(member):
            lines += ["", _method(f".{key}", member)]
    return lines


def _method(name: str, function: Any) -> str:
    return f"**`{name}{_whole(function)}`** {_prose(function)}"


def _prose(thing: Any) -> str:
    return " ".join(" ".join(_words(thing)).split())


def _signature(function: Any) -> str:
    text = _whole(function)
    if len(text) < 100:
        return text
    return re.sub(r"^\((.*)\) ->", lambda inside: f"(\n    {_broken(inside[1])},\n) ->", text)


def _whole(function: Any) -> str:
    whole = inspect.signature(function)
    kept = [each for each in whole.parameters.values() if each.name not in ("self", "cls")]
    text = str(whole.replace(parameters=kept)).replace("'", "")
    # A default that prints as an object's address or at length is a name to the reader.
    text = re.sub(r" = <.*? at 0x[0-9a-f]+>", " = ...", text)
    return re.sub(r" = (Budget|Options|Task)\((?:[^()]|\([^()]*\))*\)", r" = \1()", text)


def _broken(arguments: str) -> str:
    """One a line; commas inside brackets stay."""
    return re.sub(r", (?![^\[(]*[\])])", ",\n    ", arguments)


def _annotation(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__name__", str(value))


def _words(thing: Any) -> list[str]:
    return (inspect.getdoc(thing) or "").splitlines()
