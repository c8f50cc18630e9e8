# SPDX-License-Identifier: Apache-2.0
"""Takes text from outside, gives it as its destination can hold it: one function for each destination.

A model, a recording, a TOML and a device choose names and sentences. Whatever they are, a reader of the
destination (compiler, XML parser, terminal ...) finds text there and nothing else. What these functions give
is `Code`, the only kind of text that a template accepts (template.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST = 300
"""Characters of a name that people are shown; of a longer one its middle is left out."""
_LISTED = 8
_LONGEST_LINE = 5000  # a sentence may hold several names, and a path 4,096 bytes

# Of C0, C1 and what is no character, XML 1.0 takes tab, line feed and carriage return ("Char", section 2.2).
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Markup anywhere; at a line's start a heading, a list or an underline; what GitHub makes a link of unasked.
_MARKDOWN = re.compile(r"[\\`*_\[\]|~<>&:@]|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=www)\.")


class Code(str):
    """Text that is right where it goes; made in this module alone, which a test holds us to."""

    __slots__ = ()

    def upper(self) -> Code:
        """As str, and still code."""
        return Code(super().upper())

    def capitalize(self) -> Code:
        """As str, and still code."""
        return Code(super().capitalize())


def visible(text: str, longest: int = LONGEST) -> str:
    """One printable line: any other character as <U+202E>, and of more than `longest` not the middle."""
    if len(text) > longest:
        text = f"{text[: longest // 2]} ...{len(text) - longest:,} more... {text[-longest // 2 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else _named(c) for c in text)


def shown(value: object) -> str:
    """A value of a TOML or JSON file in a sentence, as Python writes it, however large or deep it is."""
    try:
        return visible(repr(value))
    except (ValueError, RecursionError):  # an integer of too many digits; too many levels
        return f"a {type(value).__name__} that is too large to show"


def listed(names: Iterable[str], most: int = _LISTED) -> str:
    """Names, of which a file may have any number, in a sentence: the first `most`, and how many more."""
    every = list(names)
    more = f" and {len(every) - most:,} more" if len(every) > most + 1 else ""
    return f"{', '.join(every[:most] if more else every)}{more}"


def hertz(rate: float, digits: int = 4) -> str:
    """A rate to so many digits, without an exponent: 16,000 Hz."""
    return f"{float(f'{rate:.{digits}g}'):,.15g} Hz"


def _named(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def code(form: str, *parts: Code | int | float) -> Code:
    """`form`, which is our own text, with each {} filled in by what is code already."""
    return Code(form.format(*map(admit, parts)))


def admit(value: object) -> object:
    """`value`, if it is code or a number; TypeError, our defect, for text that no function of here gave."""
    if isinstance(value, Code | int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} goes into generated text without a function that makes it fit")


def numbers(values: Sequence[int] | Sequence[float]) -> Code:
    """Numbers as an initialiser of C or JSON lists them."""
    return Code(", ".join([str(admit(value)) for value in values]))


def lines(values: Sequence[int], columns: int, between: str) -> Code:
    """Integers as an initialiser of C lists them, `columns` a line, with our own blanks `between` lines."""
    if not set(map(type, values)) <= {int}:
        raise TypeError("there is something else than integers among the elements of an array")
    words = list(map(str, values))
    rows = (", ".join(words[i : i + columns]) for i in range(0, len(words), columns))
    return Code(f",{between}".join(rows) + ",")


def strings(values: bytes, columns: int, between: str) -> Code:
    """Bytes as a string literal of C, `columns` a line, with our own blanks `between` lines."""
    words = [f"\\{value:03o}" for value in range(256)]
    rows = (values[i : i + columns] for i in range(0, len(values), columns))
    return Code(between.join('"' + "".join([words[value] for value in row]) + '"' for row in rows))


def number(value: float) -> Code:
    """With as many digits as a float32 has."""
    return Code(f"{value:.9g}")


def thousands(value: int) -> Code:
    """1,234,567."""
    return Code(f"{value:,}")


def hexadecimal(value: int, digits: int = 8) -> Code:
    """0x0000abcd."""
    return Code(f"0x{value:0{digits}x}")


def join(parts: Sequence[Code | int | float], separator: str = "") -> Code:
    """Parts that are code, with our own text between them."""
    return Code(separator.join(str(admit(part)) for part in parts))


def identifier(text: str) -> Code:
    """A name of C, C++ and CMake; ValueError, our defect, for what is none."""
    return _matching(r"[A-Za-z_][A-Za-z0-9_]*", text)


def word(text: str) -> Code:
    """A word that no reader takes apart (a flag, a path, a version); ValueError for what is none."""
    return _matching(r"[A-Za-z0-9_.,=+/-]+", text)


def _matching(pattern: str, text: str) -> Code:
    if re.fullmatch(pattern, text) is None:
        raise ValueError(f"{text!r} is not {pattern}")
    return Code(text)


def c_comment(text: str) -> Code:
    r"""For /* here */ and // here, in C and in linker scripts: ends no comment, begins none, splices no line.

    A line is spliced by `\` before its end, or by its trigraph `??/` (C11, 5.1.1.2).
    """
    shown = visible(text).replace("\\", _named("\\")).replace("??", "? ?").replace("??", "? ?")
    return Code(shown.replace("*/", "* /").replace("/*", "/ *"))


def c_string(text: str) -> Code:
    """A literal of C and C++ with its quotes: all but plain ASCII as octal escapes, of three digits."""
    data = text.encode("utf-8", "surrogatepass")
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\?' else f"\\{byte:03o}" for byte in data)
    return Code(f'"{"".join(plain)}"')


def python_bytes(data: bytes) -> Code:
    """A literal of Python's bytes with its quotes, all but plain ASCII as escapes of two digits."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in data)
    return Code(f'b"{"".join(plain)}"')


def line_comment(text: str) -> Code:
    r"""For `# here` to the line's end, in CMake, Kconfig, YAML, .properties and shell: stays on its line.

    CMake's bracket comment #[[ needs its bracket at once, so there is always a blank before what comes.
    """
    return Code(visible(text).replace("\\", _named("\\")))


def cmake(text: str) -> Code:
    r"""A quoted argument of CMake with its quotes; `$` and `@` begin references, and NUL is not possible."""
    shown = text.replace("\0", _named("\0")).encode("utf-8", "replace").decode()
    return Code('"' + re.sub(r'([\\"$@])', r"\\\1", shown).replace("\r", "\\r") + '"')


def kconfig(text: str) -> Code:
    """A string of Kconfig with its quotes; it has no escapes but those of the quote and the backslash."""
    return Code('"' + re.sub(r'([\\"])', r"\\\1", visible(text).strip().replace("$", _named("$"))) + '"')


def properties(text: str) -> Code:
    r"""The value after `key=` in .properties, to the line's end; Arduino's reader has no escapes."""
    return Code(visible(text).strip().replace("\\", _named("\\")))


def yaml(text: str) -> Code:
    """A double-quoted scalar of YAML with its quotes, all but ASCII escaped; half a surrogate pair as `?`."""
    data = text.encode("utf-8", "replace").decode()
    plain = (c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08X}" for c in data)
    return Code(f'"{"".join(plain)}"')


def toml(text: str) -> Code:
    """A basic string of TOML with its quotes; what no TOML can hold (half a surrogate pair) as `?`."""
    data = text.encode("utf-8", "replace").decode()
    plain = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08X}" for c in data)
    return Code(f'"{"".join(plain)}"')


def ini(text: str) -> Code:
    """A value after `key =` in an .ini file, to the line's end: no reference ($, %), no comment (#, ;)."""
    return Code(re.sub(r"[$%;#\\]", lambda found: _named(found[0]), visible(text).strip()))


def xml(text: str) -> Code:
    """What a writer of XML may be given, which escapes markup itself: without what XML 1.0 cannot hold."""
    return Code(_NOT_XML.sub(lambda found: _named(found[0]), text))


def html(text: str) -> Code:
    """Text between tags, or in a quoted attribute."""
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Code(shown.replace('"', "&quot;").replace("'", "&#39;"))


def markdown(text: str) -> Code:
    """Text in a paragraph or a table's cell: what could be markup is escaped."""
    return Code(_MARKDOWN.sub(r"\\\g<0>", visible(text).strip()))


def markdown_code(text: str) -> Code:
    """A code span with its backticks: one more than any run of them in it (CommonMark, 6.1)."""
    shown = visible(text).replace("|", _named("|"))
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if not shown.strip() or shown.strip() != shown or "`" in (shown[0], shown[-1]) else ""
    return Code(f"{fence}{pad}{shown}{pad}{fence}")


def terminal(text: str) -> Code:
    """One line for people's eyes: no escape sequence, nothing that moves the cursor or turns text round."""
    return Code(visible(text, _LONGEST_LINE))
