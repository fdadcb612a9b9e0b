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
    "a colorbar follows its image": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nim=ax.imshow([[1,2],[3,4]])\ncb=fig.colorbar(im)",
        "im.set_clim(0,10)\nprint(cb.vmin, cb.vmax)",
        "im.set_cmap('jet'); print(cb.cmap.name)\nfig",
    ],
    "a colorbar follows a norm": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nsc=ax.scatter([0,1],[0,1],c=[1,2]); cb=fig.colorbar(sc)",
        "sc.norm.vmax=7; print(cb.vmax)",
        "fig",
    ],
    "a callback of axes": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nlog=[]\ndef up(a): log.append(1)\ncid=ax.callbacks.connect('xlim_changed', up)",
        "ax.set_xlim(3,7)\nprint(log)",
        "ax.callbacks.disconnect(cid)\nax.set_xlim(3,8)\nprint(log)",
    ],
    "a callback of a slider": [
        "import matplotlib.pyplot as plt\nfrom matplotlib.widgets import Slider\nfig,ax=plt.subplots()\ns=Slider(ax,'f',0,10,valinit=1); got=[]; _=s.on_changed(got.append)",
        "s.set_val(4); print(got)",
        "print(got, s.val)",
    ],
    "a callback of a norm": [
        "from matplotlib.colors import Normalize\nn=Normalize(0,1); ev=[]; _=n.callbacks.connect('changed', lambda: ev.append(n.vmax))",
        "n.vmax=2; print(ev)",
    ],
    "a callback of clicks": [
        "import matplotlib.pyplot as plt\nfrom matplotlib.backend_bases import MouseEvent\nfig,ax=plt.subplots()\nc=[]\ndef onclick(e): c.append((e.x,e.y))\ncid=fig.canvas.mpl_connect('button_press_event', onclick)",
        "fig.canvas.callbacks.process('button_press_event', MouseEvent('button_press_event',fig.canvas,3,4,1))\nprint(c)",
    ],
    "a norm of two images": [
        "import matplotlib.pyplot as plt\nfrom matplotlib.colors import Normalize\nnorm=Normalize(0,4)\nfig,ax=plt.subplots()",
        "im=ax.imshow([[1,2],[3,4]],norm=norm)",
        "f2,a2=plt.subplots()\nim2=a2.imshow([[1,2],[3,4]],norm=norm)",
        "print(norm.vmax)",
        "im.set_clim(0,9)\nprint(norm.vmax, im2.norm.vmax)\nf2",
    ],
    "a colormap that is registered": [
        "import matplotlib as mpl\nimport matplotlib.pyplot as plt\nfrom matplotlib.colors import LinearSegmentedColormap\ncm=LinearSegmentedColormap.from_list('mine',['k','r'])\nmpl.colormaps.register(cmap=cm)",
        "print('mine' in mpl.colormaps)\nim = plt.imshow([[1,2]],cmap='mine')",
        "mpl.colormaps.unregister('mine')",
        "print('mine' in mpl.colormaps)",
    ],
    "a colormap of the module whose extremes are set": [
        "import matplotlib.pyplot as plt\ncmap=plt.cm.jet",
        "cmap.set_bad('w')",
        "print(plt.cm.jet.get_bad(), cmap is plt.cm.jet)",
        "plt.cm.jet.set_over('r')",
        "print(cmap(2.0))",
    ],
    "a colormap of the module whose table is changed": [
        "import matplotlib.pyplot as plt\nimport numpy as np",
        "cmap=plt.cm.jet\ncmap._init()\ncmap._lut[:,-1]=np.linspace(0,1,cmap.N+3)",
        "print(cmap(.3))",
        "print(plt.cm.jet(.5))",
    ],
    "a colour with a name": [
        "import matplotlib.colors as mc\nx='#010203'",
        "mc.get_named_colors_mapping()['brand']=x",
        "print(mc.is_color_like('brand'), mc.to_rgb('brand'))",
    ],
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
