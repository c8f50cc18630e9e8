# SPDX-License-Identifier: Apache-2.0
"""Takes the command line, gives an exit code: finds commands by file name, tells errors in one sentence."""

from __future__ import annotations

import difflib
import errno
import functools
import importlib
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import shell_complete

from tinyedge import __version__, text
from tinyedge.console import COMPLETE
from tinyedge.errors import TinyedgeError, UsageError
from tinyedge.process import light

_COMMANDS = Path(__file__).resolve().parent / "commands"

# What no command can do anything about, whatever it was writing: what the user can.
_REFUSALS = {
    errno.ENOSPC: "make room on the disk, or in TMPDIR or TINYEDGE_CACHE, and run it again",
    errno.EDQUOT: "make room in your quota, and run it again",
    errno.EFBIG: "raise the limit of a file's size (`ulimit -f`), and run it again",
    errno.EROFS: "write to another place: this one is read-only",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`), and run it again",
    errno.ENFILE: "close other programs: the system has no file left to open",
    errno.ENAMETOOLONG: "give a shorter path",
    errno.ELOOP: "a link there leads to itself: name the file",
    errno.EACCES: "you have no right to do this: name another file or folder",
    errno.EPERM: "you have no right to do this: name another file or folder",
    errno.ENOTDIR: "a part of this path is a file: correct it",
    errno.EISDIR: "this is a folder: name a file",
    errno.EIO: "look at the disk: it cannot read or write",
    errno.ENOMEM: "close other programs, or raise the limit (`ulimit -v`), and run it again",
    errno.EAGAIN: "close other programs, or raise the limit (`ulimit -u`), and run it again",
}

# Exit codes of a shell for a program that a signal ended: 128 + the signal's number.
_SIGNALLED, _INTERRUPTED, _BROKEN_PIPE = 128, 130, 141


@functools.cache
def _command(name: str) -> click.Command:
    """The command of tinyedge/commands/<name>.py; the files that it is given are checked before it runs."""
    command: click.Command = importlib.import_module(f"tinyedge.commands.{name.replace('-', '_')}").command
    command.name = name
    run = command.callback
    assert run is not None

    @functools.wraps(run)
    def checked(*arguments: Any, **values: Any) -> Any:
        from tinyedge.commands import _files

        _files.check(command, values)
        return run(*arguments, **values)

    command.callback = checked
    return command


class Commands(click.Group):
    """The commands in tinyedge/commands/, each imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every file's name, sorted; `_` becomes `-`."""
        names = (file.stem for file in _COMMANDS.glob("*.py"))
        return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module, or give None when there is no such command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return _command(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click; a name that is nearly a command's is told which."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], known, n=3)
            if close:
                raise UsageError(f"there is no command {args[0]!r}", f"did you mean {' or '.join(close)}?")
        return super().resolve_command(ctx, args)


def _version(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from tinyedge import paths
        from tinyedge.process import commit

        click.echo(f"tinyedge {__version__} (commit {commit.of(paths.root())})")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version, and the commit that it was made from.",
)
def group() -> None:
    """Compile a trained model to C for a microcontroller, and test it there against recordings."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; anything but a TinyedgeError is a defect: a traceback."""
    wanted = os.environ.get(COMPLETE)
    if wanted:
        sys.exit(shell_complete(group, {}, "tinyedge", COMPLETE, wanted))
    args = list(sys.argv[1:] if arguments is None else arguments)
    for name in ("SIGTERM", "SIGHUP"):  # the latter where a terminal closes; Windows has none
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` sets it
            signal.signal(number, _terminate)
    light.start()
    for setting, value in light.QUIET.items():
        os.environ.setdefault(setting, value)
    _open_streams()
    try:
        code = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has gone. Python flushes stdout once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _BROKEN_PIPE
    except OSError as error:
        code = _fail(UsageError(f"cannot write to stdout: {error.strerror or error}"), as_json=False)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _open_streams() -> None:
    """Closed streams (`>&-`) swallow what they are given; characters that they do not have are spelled out.

    print() to a closed stderr would go to stdout, where the JSON is.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        Path.cwd()
    except OSError as error:
        sys.exit(
            _fail(
                UsageError(f"the current folder is gone: {error.strerror}", "cd to one that is there"), False
            )
        )


def _run(args: list[str]) -> int:
    as_json = "--json" in args
    try:
        # Not group.main(), which would answer a broken pipe with exit code 1.
        with group.make_context("tinyedge", args) as context:
            result: Any = group.invoke(context)
    except TinyedgeError as error:
        return _fail(error, as_json)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as help_text:
        print(help_text.format_message(), file=sys.stderr)
        return UsageError.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "tinyedge"
        return _fail(UsageError(error.format_message(), f"see `{command} --help`"), as_json)
    except click.ClickException as error:
        return _fail(UsageError(error.format_message()), as_json)
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        where = f" ({error.filename})" if error.filename else ""
        return _fail(
            UsageError(f"the system refuses: {error.strerror}{where}", _REFUSALS[error.errno]), as_json
        )
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "can't start new thread" not in str(error):
            raise
        return _fail(UsageError("there is not enough memory", _REFUSALS[errno.ENOMEM]), as_json)
    except (KeyboardInterrupt, click.Abort):
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    return result if isinstance(result, int) else 0


def _fail(error: TinyedgeError, as_json: bool) -> int:
    message, hint = str(error), error.hint
    print(f"error: {text.terminal(message)}", file=sys.stderr)
    if hint:
        print(f"hint: {text.terminal(hint)}", file=sys.stderr)
    if as_json:
        kind = type(error).__name__
        document = {"kind": kind, "message": message, "hint": hint, "exit_code": error.exit_code}
        print(json.dumps({"error": document}, indent=2))
    return error.exit_code


def _terminate(signum: int, frame: object) -> None:
    # Unwind instead of dying at once: an emulator is reaped and a half-made folder removed on the way out.
    raise SystemExit(_SIGNALLED + signum)


if __name__ == "__main__":
    main()
