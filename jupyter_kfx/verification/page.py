"""A verification as a page of HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from jupyter_kfx.verification.text import lines, place

if TYPE_CHECKING:
    from jupyter_kfx.verification.report import Verification

__all__ = ["page"]

_STYLE = """\
:root { color-scheme: light dark; --line: #ccc; --bad: #b00020; --good: #1b6e2c; }
@media (prefers-color-scheme: dark) {
  :root { --line: #555; --bad: #ff8a80; --good: #81c995; }
}
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; } .same { color: var(--good); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
p { margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def page(found: Verification) -> str:
    """Return the report as one document, which needs nothing beside it."""
    verdict, *rest = lines(found)
    shown = {f"  {place(d)}: {d.what}" for d in found.differences}
    rows = "".join(
        f"<tr><td>{escape(place(d))}</td><td>{escape(d.what)}</td></tr>\n"
        for d in found.differences
    )
    table = (
        f"<table><tr><th>Where</th><th>What differs</th></tr>\n{rows}</table>\n"
        if rows
        else ""
    )
    texts = "".join(f"<p>{escape(text)}</p>\n" for text in rest if text not in shown)
    kind = "same" if found.status == "same" else "bad"
    title = escape(found.notebook or "notebook")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}: {found.status}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body>\n<h1>{title}</h1>\n<p class="{kind}">{escape(verdict)}</p>\n'
        f"{table}{texts}</body>\n</html>\n"
    )
