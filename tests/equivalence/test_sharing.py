"""Values that share what pickle does not show, and what a process has one of."""

from __future__ import annotations

import asyncio

import pytest

from tests.equivalence.arena import Trial, trials
from tests.equivalence.generator import Program

SAME: dict[str, list[str]] = {
    "a window on an array": [
        "import numpy as np\na=np.arange(10)\nw=np.lib.stride_tricks.sliding_window_view(a,3)",
        "a[0]=99\nprint(w[0])",
        "print(w.flags.writeable, w.strides, np.shares_memory(a,w))",
    ],
    "strides over an array": [
        "import numpy as np\na=np.arange(10)\nw=np.lib.stride_tricks.as_strided(a,(4,4),(8,8))",
        "w[1,1]=77\nprint(a)",
    ],
    "an array that is broadcast": [
        "import numpy as np\na=np.arange(3)\nb=np.broadcast_to(a,(4,3))",
        "a[1]=9\nprint(b)",
        "print(b.strides,b.flags.writeable)",
    ],
    "a field of records": [
        "import numpy as np\nr=np.rec.array([(1,2.),(3,4.)],dtype=[('a',int),('b',float)])\nv=r.a",
        "v[0]=9\nprint(r)",
    ],
    "records of an array": [
        "import numpy as np\na=np.zeros(3,dtype=[('x',int),('y',float)])\nr=a.view(np.recarray)",
        "r.x[0]=5\nprint(a)",
        "a['y'][1]=2\nprint(r)",
    ],
    "an array of a library's class": [
        "from matplotlib.transforms import IdentityTransform, blended_transform_factory\n"
        "b=blended_transform_factory(IdentityTransform(),IdentityTransform())\n"
        "b.get_matrix()",
        "print(b._mtx is IdentityTransform()._mtx)",
    ],
    "a matrix of an array": [
        "import numpy as np\na=np.zeros((2,2))\nm=np.asmatrix(a)",
        "m[0,0]=5\nprint(a)",
    ],
    "a masked view of an array": [
        "import numpy as np\na=np.zeros(3)\nm=np.ma.array(a,copy=False,mask=[0,1,0])",
        "m[0]=5\nprint(a)",
        "a[2]=7\nprint(m)",
    ],
    "the mask of an array": [
        "import numpy as np\nm=np.ma.array([1,2,3],mask=[0,1,0])\nk=m.mask",
        "m[0]=np.ma.masked\nprint(k)",
    ],
    "fields that are masked": [
        "import numpy as np\nm=np.ma.array([(1,2.)],dtype=[('a',int),('b',float)],mask=[(0,1)])\nf=m['a']",
        "f[0]=9\nprint(m, m.mask)",
    ],
    "a hard mask": [
        "import numpy as np\nm=np.ma.masked_where(np.arange(4)>2,np.arange(4.))\nm.harden_mask()\nm.fill_value=77",
        "m[3]=1\nprint(m, m.hardmask, m.fill_value, m.filled())",
        "m.soften_mask()\nm[3]=1\nprint(m)",
    ],
    "an array that has no mask": [
        "import numpy as np\nm=np.ma.array([1,2])",
        "print(m.mask is np.ma.nomask)\nm[0]=np.ma.masked",
        "print(m)",
    ],
    "an array of a buffer": [
        "import numpy as np\nb=bytearray(8)\na=np.frombuffer(b,np.uint8)",
        "a[0]=7\nprint(b)",
    ],
    "an array of a part of a buffer": [
        "import numpy as np\nb=bytearray(b'abcd')\na=np.frombuffer(memoryview(b)[1:],np.uint8)",
        "b[1]=122\nprint(a)",
    ],
    "an array of the other kind": [
        "import numpy as np,array\nb=array.array('i',[1,2])\na=np.asarray(b)",
        "b[0]=7\nprint(a)",
    ],
    "an owner with its axes in another order": [
        "import numpy as np\nx=np.arange(24).reshape(2,3,4).transpose(1,0,2).copy(order='K')\nv=x[0]",
        "v[0,0]=99\nprint(x[0,0,0], x.flags.c_contiguous, x.strides)",
        "x[0,0,1]=98\nprint(v[0,1])",
    ],
    "a class of the notebook": [
        "import numpy as np\nclass M(np.matrix):\n  tag='x'\nm=M([[1,2]])\nm.tag='y'\nv=m[0,:]",
        "v[0,0]=9\nprint(m,m.tag,type(v).__name__)",
    ],
    "attributes as a dictionary": [
        "class A: pass\na=A()\na.x=1\nd=a.__dict__",
        "d['y']=2\nprint(a.y)",
        "a.z=3\nprint(d)",
    ],
    "attributes beside their object": [
        "class A: pass\na=A()\na.x=1\nbox=[a,a.__dict__]",
        "box[1]['y']=2\nprint(box[0].y)",
    ],
    "attributes that two objects have": [
        "class Borg:\n  def __init__(s,d): s.__dict__=d\nd={}\na=Borg(d)\nb=Borg(d)\na.x=1",
        "b.x=5\nprint(a.x,d)",
        "print(a.x, d, a.__dict__ is b.__dict__)",
    ],
    "an object that is its attributes": [
        "class AttrDict(dict):\n  def __init__(s,*a,**k):\n    super().__init__(*a,**k); s.__dict__=s\nc=AttrDict(lr=1)",
        "c.lr=5\nprint(c['lr'])",
        "c['z']=3\nprint(c.z, c)",
    ],
    "options as a dictionary": [
        "import argparse\np=argparse.ArgumentParser()\np.add_argument('--lr',type=float,default=.1)\nargs=p.parse_args([])\ncfg=vars(args)",
        "cfg['lr']=.5\nprint(args.lr)",
        "args.z=1\nprint(cfg)",
    ],
    "a bunch of data": [
        "from sklearn.datasets import load_iris\nd=load_iris()\nX=d.data",
        "X[0,0]=100\nprint(d.data[0,0], d['data'] is X)",
    ],
    "attributes with a cache": [
        "from functools import cached_property\nclass A:\n  @cached_property\n  def x(s): return [1]\na=A()\na.x\nd=vars(a)",
        "d['y']=2\nprint(a.y, a.x is d['x'])",
    ],
    "attributes that are pickled as a copy": [
        "class A:\n  def __getstate__(s): return dict(s.__dict__)\na=A()\na.x=1\nd=a.__dict__",
        "d['y']=2\nprint(a.y)",
    ],
    "attributes and slots": [
        "class A:\n  __slots__=('p','__dict__')\na=A()\na.p=1\na.q=2\nd=a.__dict__",
        "d['r']=3\na.p=5\nprint(a.r,a.p)",
        "print(a.p,a.q,a.r)",
    ],
    "a parser of options": [
        "import argparse\np=argparse.ArgumentParser('x')\np.add_argument('--b',type=int)",
        "p.add_argument('--c')",
        "print(p.parse_args(['--b','1','--c','z']))",
    ],
    "objects that mean nothing": [
        "import inspect,dataclasses\nm=[dataclasses.MISSING, inspect._empty, dataclasses.KW_ONLY]",
        "print(m[0] is dataclasses.MISSING, m[2] is dataclasses.KW_ONLY)",
    ],
    "a parser of files": [
        "import configparser\nc=configparser.ConfigParser()\nc.read_string('[a]\\nx=1')",
        "print(c['a']['x'], c.get('a','zz',fallback=None))\nc['b']={'k':'v'}",
        "print(c.sections())\ntry:\n  c.get('a','q')\nexcept configparser.NoOptionError as e: print(e)",
    ],
    "settings where a library is imported": [
        "import matplotlib as mpl\nmpl.rc('lines',linewidth=4)\nmpl.rcParams.update({'axes.grid':True})",
        "print(mpl.rcParams['lines.linewidth'], mpl.rcParams['axes.grid'])",
    ],
    "a setting by a call where a library is imported": [
        "from sklearn import config_context, get_config\nc=config_context(assume_finite=True)\nc.__enter__()",
        "print(get_config()['assume_finite'])",
    ],
    "a patch that ends": [
        "from unittest import mock\nimport math\nwith mock.patch('math.sqrt',return_value=5): print(math.sqrt(4))",
        "print(math.sqrt(4))",
    ],
    "output that is sent elsewhere for a while": [
        "import contextlib,io\nb=io.StringIO()\nwith contextlib.redirect_stdout(b): print('x')",
        "print(b.getvalue())",
    ],
    "the last step leaves output elsewhere": [
        "x=1",
        "import contextlib,io,sys\nb=io.StringIO()\nc=contextlib.redirect_stdout(b)\nc.__enter__()\nprint(x)",
    ],
    "flags in another order": [
        "import enum\nclass P(enum.Flag):\n  R=4\n  W=2",
        "p=P.R|P.W",
        "print(p, P.R in p, p is P(6))",
    ],
    "a docstring that is changed": [
        "def f():\n  'doc'\nf.__doc__+='!'",
        "print(f.__doc__)",
    ],
    "functions of numpy with attributes of their own": [
        "import numpy as np\nclass C: pass\nc=C()\nc.f=np.add\nd=[np.sin, vars(np.add)]",
        "print(c.f(1, 2), d[0](0))",
    ],
    "settings of the process": [
        "import resource, sys, threading, zoneinfo\n"
        "limit = resource.RLIMIT_NOFILE\n"
        "resource.setrlimit(limit, (256, resource.getrlimit(limit)[1]))\n"
        "sys.setswitchinterval(0.01)\nsys.set_int_max_str_digits(0)\n"
        "threading.stack_size(1 << 20)\n"
        "zoneinfo.reset_tzpath(['/usr/share/zoneinfo'])\n%pprint",
        "print(resource.getrlimit(limit)[0], sys.getswitchinterval())\n"
        "print(threading.stack_size(), zoneinfo.TZPATH, len(str(10**5000)))\n"
        "list(range(30))",
    ],
    "warnings that are logged": [
        "import logging, warnings\nlogging.basicConfig(format='%(name)s')\n"
        "logging.captureWarnings(True)",
        "warnings.warn('x')",
        "logging.captureWarnings(False)",
        "warnings.warn('y')",
    ],
}
REFUSED: dict[str, tuple[list[str], str]] = {
    "a weak proxy": (
        [
            "import weakref\nclass A:\n  v=1\na=A()\np=weakref.proxy(a)",
            "a.v=7\nprint(p.v)",
        ],
        "a weak proxy",
    ),
    "attributes of a namespace": (
        [
            "import types\nn=types.SimpleNamespace(a=[1])\nv=vars(n)",
            "v['b']=2",
            "n.a.append(3)\nprint(n, v)",
        ],
        "whose attributes are in a dictionary",
    ),
    "an object that is its attributes in order": (
        [
            "from collections import OrderedDict\nclass C(OrderedDict):\n  def __init__(s): super().__init__(); s.__dict__=s\nc=C()\nc.a=1",
            "print(c)\nc.b=2",
            "print(c['b'], list(c))",
        ],
        "whose attributes are in a dictionary",
    ),
    "a class that copies its memory": (
        [
            "import numpy as np\nclass Q(np.ndarray):\n  def __reduce__(s): return (np.asarray(s).view(Q).copy,())\na=np.zeros(2)\nq=a.view(Q)",
            "print(q)\nq[0]=1\nprint(a)",
        ],
        "that shares its memory",
    ),
    "a patch that lasts": (
        [
            "from unittest import mock\nimport math\np=mock.patch('math.sqrt',return_value=5)\np.start()",
            "print(math.sqrt(4))",
            "p.stop()",
            "print(math.sqrt(4))",
        ],
        "still replaced at the end",
    ),
    "warnings that are kept": (
        [
            "import warnings\nc=warnings.catch_warnings(record=True)\nw=c.__enter__()\nwarnings.simplefilter('always')",
            "warnings.warn('x')",
            "print(len(w))\nc.__exit__(None,None,None)",
        ],
        "still replaced at the end",
    ),
    "output that is sent elsewhere": (
        [
            "import contextlib,io\nb=io.StringIO()\nc=contextlib.redirect_stdout(b)\nc.__enter__()",
            "print('in')",
            "c.__exit__(None,None,None)\nprint(repr(b.getvalue()))",
        ],
        "still replaced at the end",
    ),
    "calls of the garbage collector": (
        [
            "import gc\nn=[]\ndef cb(p,i): n.append(p)\ngc.callbacks.append(cb)",
            "gc.collect()\nprint(len(n)>0)",
            "gc.callbacks.remove(cb)\nprint(len(n)>1)",
        ],
        "still replaced at the end",
    ),
    "a log that is a variable too": (
        [
            "import logging,io\ns=io.StringIO()\nl=logging.getLogger('y')\nl.addHandler(logging.StreamHandler(s))\nl.warning('a')",
            "l.warning('b')",
            "print(repr(s.getvalue()))",
        ],
        "used by a setting of the process",
    ),
    "records that a handler fills": (
        [
            "import logging\nclass H(logging.Handler):\n  def __init__(s,l): super().__init__(); s.l=l\n  def emit(s,r): s.l.append(r.getMessage())\nrecords=[]\nh=H(records)\nlog=logging.getLogger('q')\nlog.addHandler(h)\nlog.warning('a')",
            "log.warning('b')",
            "print(records, h.l)",
        ],
        "used by a setting of the process",
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trial]:
    cases = {**SAME, **{name: case for name, (case, _) in REFUSED.items()}}
    programs = [
        Program(tuple(((source,),) for source in case)) for case in cases.values()
    ]
    folder = tmp_path_factory.mktemp("arena")
    return dict(zip(cases, asyncio.run(trials(folder, programs)), strict=True))


@pytest.mark.parametrize("name", SAME)
def test_computes_what_the_notebook_computes(
    name: str, found: dict[str, Trial]
) -> None:
    assert (found[name].verdict, found[name].why) == ("same", [])


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_would_be_lost(name: str, found: dict[str, Trial]) -> None:
    assert found[name].verdict == "refused"
    assert REFUSED[name][1] in found[name].why[0]
