"""Figures that are left open, as backends do that do not show them in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

_AGG = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt"
_SAVED = (
    "fig.savefig('a.png')\nimport hashlib\n"
    "print(hashlib.md5(open('a.png', 'rb').read()).hexdigest())"
)
_WHY = "a figure that pyplot has left open"
SAME: dict[str, Case] = {
    "cells without figures where open ones are drawn after each": [
        f"{_AGG}\nplt.ion()\nNone",
        "fig = plt.figure()\nplt.plot([1, 2])\nax = plt.gca()\nNone",
        "class A:\n    n = 1",
        "print(A.n, plt.get_fignums())",
        "ax.plot([2, 1])\nprint(len(ax.lines))",
    ],
    "numbers of open figures": [
        _AGG,
        "plt.figure()\nNone",
        "f = plt.figure()\nprint(f.number, plt.get_fignums())",
        "plt.close(2)\nplt.figure(7)\nNone",
        "print(plt.get_fignums(), plt.fignum_exists(2), f.number)",
    ],
    "an open figure in a variable": [
        _AGG,
        "fig, ax = plt.subplots(figsize=(2, 2))",
        f"ax.plot([1, 3])\n{_SAVED}",
        "plt.close(fig)",
        "print(plt.get_fignums(), fig.number)",
    ],
    "all figures closed": [
        _AGG,
        "fig, ax = plt.subplots(figsize=(2, 2))",
        "plt.close('all')",
        "new = plt.gcf()\nprint(plt.get_fignums(), new is fig, len(new.axes))",
        "print(fig.number, len(fig.axes))",
    ],
    "the next figure has another number": [
        _AGG,
        "fig, ax = plt.subplots(figsize=(2, 2))\nax.plot([1]);",
        "fig, ax = plt.subplots(figsize=(2, 2))\nax.plot([2]);",
        f"{_SAVED}\nprint(fig.number, plt.gcf() is fig)",
    ],
    "each figure closed where it is made": [
        _AGG,
        "fig = plt.figure(figsize=(2, 2))\nplt.plot([1])\nplt.close()",
        "fig = plt.figure(figsize=(2, 2))\nplt.plot([2])\nplt.close(fig)",
        "print(plt.get_fignums())",
    ],
    "two figures, made in two steps": [
        "import matplotlib.pyplot as plt",
        "fig, ax = plt.subplots(figsize=(2, 2))\nplt.close(fig)",
        "other = plt.figure()\nprint(fig.get_dpi())\nplt.close(other)",
        "print(other.get_dpi(), fig.get_dpi())",
    ],
}
REFUSED: dict[str, tuple[Case, str]] = {
    "the current figure of another step": (
        [_AGG, "plt.plot([1, 2])\nNone", "plt.title('x')\nplt.savefig('a.png')"],
        _WHY,
    ),
    "open figures by their numbers": (
        [
            _AGG,
            "for i in range(3):\n    plt.figure()\n    plt.plot([i])\nNone",
            "for n in plt.get_fignums():\n    print(plt.figure(n))",
        ],
        _WHY,
    ),
    "a figure that a frame has drawn": (
        [
            _AGG,
            "import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot()\nNone",
            "print(plt.gca().get_legend() is None)",
        ],
        _WHY,
    ),
}
