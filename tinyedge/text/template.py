# SPDX-License-Identifier: Apache-2.0
"""Takes the name of a file of templates/ and what it asks for, gives it filled in.

What an expression of a template gives is a number or `text.Code`; any other text is refused, so that none
can be written without the function of its destination: `{{ layer.name | c_comment }}`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tinyedge import paths, text

if TYPE_CHECKING:
    from jinja2 import Environment

_FILTERS = {
    function.__name__: function
    for function in (
        text.c_comment,
        text.c_string,
        text.cmake,
        text.hexadecimal,
        text.html,
        text.identifier,
        text.ini,
        text.join,
        text.kconfig,
        text.line_comment,
        text.markdown,
        text.markdown_code,
        text.number,
        text.numbers,
        text.properties,
        text.thousands,
        text.visible,
        text.word,
        text.yaml,
    )
}


def render(name: str, /, **context: Any) -> str:
    """A file of templates/, filled in; an undefined name is an error, and so is text that is no code."""
    return _environment().get_template(name).render(**context)


@functools.cache
def _environment() -> Environment:
    import jinja2  # a tenth of what a build that finds nothing to do takes

    def admit(value: object) -> object:
        # A name that is not defined says so itself when it becomes text.
        return value if isinstance(value, jinja2.Undefined) else text.admit(value)

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.templates()),
        undefined=jinja2.StrictUndefined,
        finalize=admit,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= _FILTERS
    return environment
