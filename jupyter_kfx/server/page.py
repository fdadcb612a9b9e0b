"""An executed step as a page of HTML."""

from __future__ import annotations

from typing import Any

__all__ = ["POLICY", "page"]

POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "font-src data:; frame-ancestors 'self'"
)
"""What a browser may do with the page: show it. It runs nothing and loads nothing."""


def page(notebook: Any, title: str) -> str:
    """Return a notebook as HTML, without what its cells' outputs could do."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        sanitize_html=True, mathjax_url="", require_js_url="", mermaid_js_url=""
    )
    # The notebook's own metadata may be anything, and the page needs none of it.
    language = {"name": "python", "pygments_lexer": "ipython3"}
    plain = {**notebook, "metadata": {"language_info": language}}
    document = nbformat.from_dict(plain)
    text, _ = exporter.from_notebook_node(document, {"metadata": {"name": title}})
    return str(text)
