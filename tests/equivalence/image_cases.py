"""Images of PIL, and what it draws with; each cell is a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

_NEW = (
    "import numpy as np\nfrom PIL import Image, ImageDraw, ImageFont\n"
    "im = Image.new('RGB', (20, 20), 'white')\n"
)
_SAVED = (
    "im.save('a.{0}', save_all=True, append_images=[\n"
    "    Image.new('RGB', (20, 20), c) for c in ('red', 'blue')])\n"
)

SAME: dict[str, Case] = {
    "an image that is drawn into": [
        _NEW + "d = ImageDraw.Draw(im)",
        "d.rectangle((2, 2, 9, 9), fill='red')",
        "d.text((1, 1), 'a', fill=(0, 0, 0))\nprint(np.asarray(im).sum())",
        "print(im.getpixel((3, 3)), d._image is im)",
    ],
    "drawing through functions, half transparent": [
        _NEW + "ds = [ImageDraw.Draw(im, 'RGBA')]\nds[0].fill = True",
        "def go():\n    ds[0].ellipse((1, 1, 12, 12), fill=(255, 0, 0, 100))\ngo()",
        "print(np.asarray(im).sum(), ds[0].mode, ds[0].fill)",
    ],
    "a font that is in no file": [
        _NEW + "f = ImageFont.load_default(14)\nd = ImageDraw.Draw(im)\nd.font = f",
        "d.text((1, 1), 'ab', fill=0)\nprint(np.asarray(im).sum())",
        "print(d.font.size, d.font is f)",
    ],
}
for _suffix in ("gif", "tif"):
    SAME[f"frames of a file: {_suffix}"] = [
        _NEW + _SAVED.format(_suffix),
        f"g = Image.open('a.{_suffix}')\nprint(g.n_frames, g.tell())",
        "g.seek(1)\nprint(g.tell(), np.asarray(g.convert('RGB')).sum())",
        "from PIL import ImageSequence\n"
        "print([f.convert('RGB').getpixel((0, 0)) for f in ImageSequence.Iterator(g)])",
    ]
REFUSED: dict[str, tuple[Case, str]] = {
    "a frame that is changed": (
        [
            _NEW + _SAVED.format("gif"),
            "g = Image.open('a.gif')\ng.seek(1)\ng.putpixel((1, 1), 3)",
            "print(g.getpixel((1, 1)))",
        ],
        "which is another one by now",
    ),
}
