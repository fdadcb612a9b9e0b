"""What the package installs beyond JupyterLab and papermill."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from commands import Figure, report

LIMIT = 40.0
THERE = ("jupyterlab", "papermill")


def main() -> None:
    there = {name for top in THERE for name in needed(top)}
    ours = needed("jupyter_kfx") - there
    checkout = Path(__file__).resolve().parent.parent / "jupyter_kfx"
    others = {name: distribution(name) for name in ours if name != "jupyter-kfx"}
    sizes = {name: size(found) for name, found in others.items()}
    # From this checkout it may be installed as a link: its files are those of the wheel.
    sizes["jupyter-kfx"] = sum(
        path.stat().st_size
        for path in checkout.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    for name, found in sorted(sizes.items(), key=lambda each: -each[1]):
        print(f"{found / 1e6:8.2f} MB  {name}")
    print()
    total = sum(sizes.values()) / 1e6
    compiled = sum(size(found, bytecode=True) for found in others.values()) / 1e6
    report(
        Figure("what the packages hold", total, "MB", at_most=LIMIT),
        Figure("with the bytecode that pip compiles", total + compiled, "MB"),
    )


def needed(name: str) -> set[str]:
    """Return the packages that one needs in this environment, and itself."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    todo = [(name, frozenset[str]())]
    seen = set()
    while todo:
        this, extras = todo.pop()
        if (this, extras) in seen:
            continue
        seen.add((this, extras))
        try:
            requires = distribution(this).requires or []
        except PackageNotFoundError:  # not needed on this platform
            continue
        found.add(plain(this))
        for text in requires:
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(
                marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                todo.append((requirement.name, frozenset(requirement.extras)))
    return found


def plain(name: str) -> str:
    """Return the name of a package as indexes spell it."""
    return re.sub("[-_.]+", "-", name).lower()


def size(found: Distribution, *, bytecode: bool = False) -> int:
    """Return the bytes of the files of a package, or those of its bytecode."""
    paths = [Path(str(found.locate_file(file))) for file in found.files or ()]
    return sum(
        path.stat().st_size
        for path in paths
        if path.is_file() and (path.suffix == ".pyc") is bytecode
    )


if __name__ == "__main__":
    main()
