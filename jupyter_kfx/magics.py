"""`%kfx`: the command line in a notebook, for the notebook itself."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click
from IPython.core.magic import Magics, line_magic, magics_class

from jupyter_kfx.cli.main import CANCELLED, FAILED, REFUSED, commands
from jupyter_kfx.errors import KfxError, UsageError
from jupyter_kfx.notebook.current import current

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension"]

_NAMES = ("show", "check", "run", "runs", "logs")
_SENTENCES = {
    FAILED: "the run failed.",
    REFUSED: "the notebook is refused as it is.",
    CANCELLED: "the run was cancelled.",
}


class MagicError(Exception):
    """What went wrong, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows."""
        return [f"Error: {self}"]


@magics_class
class KfxMagics(Magics):  # type: ignore[misc]
    """Holds `%kfx`."""

    @line_magic  # type: ignore[untyped-decorator]
    def kfx(self, line: str) -> None:
        """Show, check or run a notebook: `%kfx show|check|run [NOTEBOOK] [OPTIONS]`.

        Without a path it is this notebook as it is saved. `%kfx run --help` lists the
        options, which are those of `jupyter kfx`; `%kfx runs` and `%kfx logs` are
        there too.
        """
        if hasattr(self.shell, "recorder"):
            message = (
                "this cell belongs to a step of the pipeline, which cannot start its "
                "own pipeline. Tag it `skip`."
            )
            raise MagicError(message)
        try:
            code = _call(_words(line))
        except click.ClickException as error:
            raise MagicError(error.format_message()) from None
        except KfxError as error:
            raise MagicError(str(error)) from None
        if code:
            raise MagicError(_SENTENCES.get(code, f"it ended with {code}."))


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add `%kfx` to a shell."""
    shell.register_magics(KfxMagics)


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        message = f"the line cannot be read: {error}."
        raise UsageError(message, cure="Close the quotation.") from None
    if not words or words[0] not in _NAMES:
        named = f"there is no `%kfx {words[0]}`." if words else "`%kfx` does what?"
        cure = f"There are: {', '.join(f'`%kfx {name}`' for name in _NAMES)}."
        raise UsageError(named, cure=cure)
    return words


def _call(words: list[str]) -> int:
    name, *given = words
    context = click.Context(commands, info_name="%kfx")
    command = commands.get_command(context, name)
    assert command is not None
    # Parsed once to see whether a notebook is named, and what else is asked for.
    parsed = command.make_context(
        name, list(given), parent=context, resilient_parsing=True
    )
    takes = any(parameter.name == "notebook" for parameter in command.params)
    helped = any(word in ("-h", "--help") for word in given)
    if takes and parsed.params.get("notebook") is None and not helped:
        given.insert(0, current())
    if name == "show" and len(given) == 1 and not helped:
        return _show(given[0])
    try:
        ended = commands.main([name, *given], prog_name="%kfx", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        ended = exit_.exit_code
    return ended if isinstance(ended, int) else 0


def _show(notebook: str) -> int:
    """Display the picture of a pipeline, and what is wrong with it."""
    from IPython.display import display

    from jupyter_kfx.cli.terminal import plain
    from jupyter_kfx.pipeline.svg import svg
    from jupyter_kfx.pipeline.text import text
    from jupyter_kfx.project import load

    pipeline = load(notebook).pipeline
    picture = {"text/plain": text(pipeline), "image/svg+xml": svg(pipeline)}
    display(picture, raw=True)
    for diagnostic in pipeline.diagnostics:
        click.echo(plain(str(diagnostic)), err=True)
    return REFUSED if pipeline.errors else 0
