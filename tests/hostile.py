# SPDX-License-Identifier: Apache-2.0
"""Takes a seed, gives hostile text and a choice of cases: new ones every day, the same ones all day.

    make hostile

runs all of them instead of a sample. TINYEDGE_SEED=20261128 repeats those of a day; the seed is printed.
"""

from __future__ import annotations

import datetime
import os
import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")
LONG = os.environ.get("TINYEDGE_HOSTILE") == "long"
PATIENCE = 1800.0 if LONG else 180.0
"""Seconds until a process that a test waits for counts as hung: the long mode runs beside other work."""


def seed() -> int:
    """Today's, as 20261128, or TINYEDGE_SEED; pytest prints it first of all (conftest.py)."""
    today = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d")
    return int(os.environ.get("TINYEDGE_SEED", today))


def some(cases: Sequence[Item], count: int) -> list[Item]:
    """`count` of the cases by today's seed; all of them in the long mode."""
    return list(cases) if LONG else random.Random(seed()).sample(list(cases), min(count, len(cases)))


_CODE = 'int system(const char *); __attribute__((constructor)) static void pwn(void) { system("id"); }'
FIXED = (
    "plain/layer_1;other",
    "",
    " ",
    "a b",
    "-o",
    "--",
    "é",
    "漢字",
    "😀",
    "a" * 5000,
    "/" * 400,
    "*" * 400,
    "?" * 41,
    "x *\\\n/ " + _CODE + " /\\\n*",
    "x *\\\r\n/ " + _CODE,
    "x *\\\r/ " + _CODE,
    "x *\\ \t\n/ " + _CODE,
    "x *??/\n/ " + _CODE + " /??/\n*",
    "*/ " + _CODE + " /*",
    "/*",
    "*/",
    "/*/",
    "*\\",
    "x\\",
    "x??/",
    "??/",
    "\\",
    "//",
    "// x \\\n" + _CODE,
    'a\n#include "/etc/passwd"\n',
    "#error x",
    "%:error",
    '_Pragma("GCC error")',
    "\0",
    "a\0b",
    "\x01\x02\x1b\x7f\x80\x85\x9f",
    "\u202e\u2066evil\u2069",
    "\u200b\u200e\u200f\ufeff",
    "\u2028\u2029",
    "\ud800",
    "\udcff",
    "\ufffe\uffff",
    "\U000e0001",
    "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "\x9b31m",
    "\r\x1b[Kverdict: pass",
    '"',
    "'",
    '"; int x; "',
    "%s%n%x",
    '\\"',
    "\\x41\\u0041\\N{DEGREE SIGN}",
    "$(id)",
    "`id`",
    "${id}",
    "$ENV{HOME}",
    "@id@",
    "$<1:x>",
    "]]",
    "#[[",
    "]] )\nexecute_process(COMMAND id)\n#[[",
    ";",
    "a;b",
    "(",
    ")",
    "#",
    "# comment",
    "key=value",
    "key: value",
    "- item",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# x #}",
    "<script>alert(1)</script>",
    "&lt;&amp;",
    "</td>",
    '" onload="x',
    "]]>",
    "<!--",
    "<![CDATA[",
    "[link](javascript:x)",
    "**bold**",
    "| cell |",
    "```",
    "``a`",
    "    indented",
    "1. list",
    "12) list",
    "+ list",
    "> quote",
    "---",
    "===",
    "<http://x>",
    "www.x.org",
    "https://x.org",
    "a@b.org",
    "~~x~~",
    "!",
    "![x](y)",
    "yes",
    "null",
    "1e3",
    "0x10",
    "!!python/object/apply:os.system [id]",
    "&anchor",
    "*alias",
    "|",
    ">-",
    "%TAG",
    "\t",
    "x\t",
    "\ttab",
    "a: b\n- c\n",
    "endmenu",
    "depends on X",
    '"\nconfig EVIL\n',
    "[section]",
    "; x",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Users\\x",
    "con",
    ".",
    "..",
    "~",
    "NaN",
    "te_app",
    "main",
    "int",
    "__attribute__",
    "[red]x[/red]",
    ":smile:",
)
_PARTS = (
    *"abz09 _-/\\*?'\"`$%&@#;:,.(){}[]<>|!~^=+\n\r\t\0\x1b\x7f\x85\x9b\u202e\u200f\u2028\ufeff\ud800é漢😀",
    *("*/", "/*", "??/", "\\\n", "\\\r\n", "\\ \n", "*\\\n/", "*??/\n/", "//", "${", "$(", "{{", "}}"),
    *("<!--", "-->", "]]", "#[[", "\x1b["),
)


def names(count: int) -> list[str]:
    """FIXED first, then mixtures of what is special somewhere; all different, none empty."""
    chance = random.Random(seed())
    found = dict.fromkeys(name for name in FIXED if name)
    while len(found) < count:
        found["".join(chance.choices(_PARTS, k=chance.choice((1, 2, 3, 5, 8, 13, 40))))] = None
    return list(found)[: max(count, len(FIXED) - 1)]
