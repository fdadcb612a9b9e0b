"""What PIL keeps beside the pixels of an image: files, brushes and fonts."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

from .opened import NotRecreatedError, check_content, content_of

__all__ = ["made_again"]


def made_again(obj: Any) -> tuple | None:
    """Return a call, as of `__reduce__`, that makes an object of PIL; none if it is none.

    NotRecreatedError, saying what it is, if it cannot be made again.
    """
    if _is(obj, "PIL.ImageDraw", "ImageDraw"):
        names = vars(obj).keys() & {"fill", "font", "fontmode"}
        state = {name: vars(obj)[name] for name in sorted(names)}
        return type(obj), (obj._image, obj.mode), state
    if _is(obj, "PIL.ImageFont", "FreeTypeFont") and hasattr(obj, "font_bytes"):
        given = obj.size, obj.index, obj.encoding, obj.layout_engine
        return _font, (obj.font_bytes, *given)
    if _is(obj, "PIL.ImageFile", "ImageFile") and _has_frames(obj):
        return _frames(obj)
    return None


def _is(obj: Any, module: str, name: str) -> bool:
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(obj, kind)


def _font(content: bytes, *arguments: Any) -> Any:
    fonts = importlib.import_module("PIL.ImageFont")
    return fonts.FreeTypeFont(io.BytesIO(content), *arguments)


def _has_frames(image: Any) -> bool:
    """Tell whether others than the one that shows are still to be read from its file.

    The image itself must not count them: it would read again what it shows.
    """
    known = vars(image).get("n_frames")
    if known is not None or not hasattr(type(image), "n_frames"):
        return known is not None and known > 1
    if not image.filename or not os.path.isfile(image.filename):
        return False
    with importlib.import_module("PIL.Image").open(image.filename) as there:
        return bool(there.n_frames > 1)


def _frames(image: Any) -> tuple:
    name = os.path.basename(image.filename) if image.filename else "memory"
    what = f"an image whose frames are in {name}"
    path = os.path.abspath(image.filename) if image.filename else ""
    if not os.path.isfile(path):
        raise NotRecreatedError(what)
    given = path, image.filename, content_of(path), image.tell()
    with _opened(*given) as there:
        is_same = there.mode == image.mode and there.tobytes() == image.tobytes()
    if not is_same:
        raise NotRecreatedError(f"{what}, and which is another one by now")
    return _opened, given


def _opened(path: str, name: str, content: str, frame: int) -> Any:
    check_content(path, content)
    image = importlib.import_module("PIL.Image").open(path)
    image.filename = name
    image.seek(frame)
    return image
