# SPDX-License-Identifier: Apache-2.0
"""Each destination's function against the real reader of it: what comes out is text, and the same."""

from __future__ import annotations

import configparser
import html.parser
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jinja2
import kconfiglib
import pytest
import yaml
from markdown_it import MarkdownIt

from tests import hostile
from tests.conftest import lacking
from tests.replays import judged, replayed
from tinyedge import text
from tinyedge.console import Console
from tinyedge.judge import junit, page
from tinyedge.text import Code, template

NAMES = hostile.names(5000 if hostile.LONG else 250)


def _plain(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def test_what_is_visible_is_one_printable_line_of_bounded_length() -> None:
    for name in NAMES:
        shown = text.visible(name)
        assert shown.isprintable() and len(shown) < 10 * text.LONGEST
        assert name.isprintable() is False or len(name) > text.LONGEST or shown == name
        assert text.terminal(name).isprintable()


def test_xml_holds_any_text_in_attributes_and_elements() -> None:
    for name in NAMES:
        element = ElementTree.Element("a", name=text.xml(name))
        element.text = text.xml(name)
        read = ElementTree.fromstring(ElementTree.tostring(element, encoding="utf-8"))
        assert read.get("name") == text.xml(name)
        assert (read.text or "").replace("\r", "\n") == re.sub("\r\n?", "\n", text.xml(name))
        if name.isprintable():
            assert text.xml(name) == name


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.said += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data!r}")

    def handle_pi(self, data: str) -> None:
        pytest.fail(f"an instruction: {data!r}")


def _read(document: str) -> _Page:
    read = _Page()
    read.feed(document)
    read.close()
    return read


def test_html_holds_any_text_between_tags_and_in_attributes() -> None:
    for name in NAMES:
        for quote in "\"'":
            read = _read(f"<td title={quote}{text.html(name)}{quote}>{text.html(name)}</td>")
            assert read.tags == [("td", [("title", text.visible(name))])]
            assert read.said == text.visible(name)


def test_yaml_holds_any_text() -> None:
    for name in NAMES:
        assert yaml.safe_load(f"a: {text.yaml(name)}\nb: 1 # {text.line_comment(name)}\n") == {
            "a": _plain(name),
            "b": 1,
        }


def test_toml_holds_any_text() -> None:
    for name in NAMES:
        assert tomllib.loads(f"a = {text.toml(name)}  # {text.line_comment(name)}\nb = 1") == {
            "a": _plain(name),
            "b": 1,
        }


def test_properties_and_ini_hold_any_text() -> None:
    for name in NAMES:
        for kind in (text.properties, text.ini):
            parser = configparser.ConfigParser(interpolation=None, strict=True)
            parser.read_string(f"[s]\na={kind(name)}\nb=1\n# {text.line_comment(name)}\nc=2\n")
            assert dict(parser["s"]) == {"a": str(kind(name)), "b": "1", "c": "2"}
        references = configparser.ConfigParser(interpolation=configparser.ExtendedInterpolation())
        references.read_string(f"[s]\na={text.ini(name)}\n")
        assert references["s"]["a"] == text.ini(name)


def test_markdown_shows_any_text_as_it_is() -> None:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for name in NAMES:
        shown = text.visible(name).strip()
        if shown:
            read = _read(reader.render(f"{text.markdown(name)}\n"))
            assert [tag for tag, _ in read.tags] == ["p"], name
            assert read.said.strip() == shown, name
        cells = f"| a | b |\n|--|--|\n| {text.markdown(name)} | {text.markdown_code(name)} |\n"
        read = _read(reader.render(cells))
        assert [tag for tag, _ in read.tags if tag in ("td", "p", "a", "em", "img", "code")] == [
            "td",
            "td",
            "code",
        ]
        read = _read(reader.render(f"x {text.markdown_code(name)} y\n"))
        assert [tag for tag, _ in read.tags] == ["p", "code"], name


def test_kconfig_holds_any_text(tmp_path: Path) -> None:
    symbols = [
        f"config N{i}\n\tbool {text.kconfig(name)}\n\t# {text.line_comment(name)}\n\tdefault y\n"
        for i, name in enumerate(NAMES)
    ]
    (tmp_path / "Kconfig").write_text("\n".join(symbols), encoding="utf-8")
    read = kconfiglib.Kconfig(str(tmp_path / "Kconfig"), warn_to_stderr=False)
    assert len(read.unique_defined_syms) == len(NAMES) and not read.warnings
    for i, name in enumerate(NAMES):
        symbol = read.syms[f"N{i}"]
        assert symbol.str_value == "y"
        assert symbol.nodes[0].prompt[0] == text.visible(name).strip().replace("$", "<U+0024>")


def test_cmake_holds_any_text(tmp_path: Path) -> None:
    cmake = shutil.which("cmake") or shutil.which("cmake", path=str(Path(sys.executable).parent))
    if cmake is None:
        lacking("cmake is missing: pip install cmake")
    lines = [f"# {text.line_comment(name)}\nset(n{i} {text.cmake(name)})" for i, name in enumerate(NAMES)]
    lines += [f'file(APPEND out "${{n{i}}}|END|")' for i in range(len(NAMES))]
    (tmp_path / "x.cmake").write_text("\n".join(lines), encoding="utf-8", newline="")
    ended = subprocess.run([cmake, "-P", "x.cmake"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0 and not ended.stderr, ended.stderr
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["out", "x.cmake"]
    read = (tmp_path / "out").read_bytes().decode().split("|END|")[:-1]
    assert read == [_plain(name).replace("\0", "<U+0000>") for name in NAMES]


def test_what_may_be_no_text_refuses_all_other() -> None:
    for name in NAMES:
        for kind, allowed in ((text.identifier, r"[A-Za-z_]\w*"), (text.word, r"[A-Za-z0-9_.,=+/-]+")):
            if re.fullmatch(allowed, name, re.ASCII):
                assert kind(name) == name
            else:
                with pytest.raises(ValueError, match="is not"):
                    kind(name)


def test_a_template_takes_nothing_that_no_function_gave(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = template._environment()
    for source in (
        "{{ name }}",
        "{{ name | upper }}",
        "{{ name ~ 'x' }}",
        "{{ [name] | join }}",
        "{{ none }}",
    ):
        monkeypatch.setattr(environment, "loader", jinja2.DictLoader({source: source}))
        with pytest.raises(TypeError, match="without a function"):
            template.render(source, name="layer")
    monkeypatch.setattr(
        environment, "loader", jinja2.DictLoader({"x": "{{ a | upper }}{{ 1 }}{{ b | c_string }}"})
    )
    assert template.render("x", a=text.identifier("te"), b="\n") == 'TE1"\\012"'
    assert isinstance(text.join([text.word("a"), 1], ", "), Code)


def test_reports_hold_any_name() -> None:
    found = judged(replayed(wrong=2), flash=1)
    for name in hostile.some(NAMES, 60):
        model = replace(found.build.model, name=name)
        build = replace(found.build, model=model, board=name)
        exact = replace(found.bit_exact, first_layer=name, unjudged=name)
        shown = replace(found, build=build, bit_exact=exact)
        suite = ElementTree.fromstring(junit.render(shown))
        assert text.xml(name) in suite.findall("testcase")[0].attrib["classname"]
        read = _read(page.render(shown, ()))
        kinds = {tag for tag, _ in read.tags}
        assert "script" not in kinds and text.visible(name) in read.said
        assert len(read.tags) == len(_read(page.render(found, ())).tags) + 1  # the paragraph "not judged"


@pytest.mark.parametrize("as_json", [False, True])
def test_the_terminal_gets_no_escapes(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json)
    for name in NAMES:
        console.say(name)
        console.warn(name)
        console.table([name], [[name], [1]], title=name)
    said, warned = capsys.readouterr()
    for line in (said + warned).split("\n"):
        assert line.isprintable(), repr(line)
    # A line for each say and warn, four for each table: no name made one of its own.
    assert (said + warned).count("\n") == 6 * len(NAMES)
