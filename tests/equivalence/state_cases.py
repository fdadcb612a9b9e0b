"""Cells that touch the process, files and what cannot be stored; each is a step."""

from __future__ import annotations

from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

_PIXELS = "import numpy as np\nfrom PIL import Image\n"

_SETTINGS = """\
import itertools, random
import numpy as np
rng, bits = random.Random(), np.random.RandomState()
class Maker:
    def __init__(self): self.rng, self.bits = rng, bits
    def draw(self): return self.rng.random(), self.bits.rand()
class Hook: pass
_hooks = []
def configure(hooks): _hooks[:] = hooks
def hooked(): return [type(hook).__name__ for hook in _hooks]
def seed(n): rng.seed(n), bits.seed(n)
class _Turns:
    def __init__(self, *of): self.of = itertools.cycle(of)
turns, turn = _Turns(1, 2, 3, 4), itertools.cycle('ab')
def take(n): return [(next(turns.of), next(turn)) for _ in range(n)][-1]
class _Settings:
    def __init__(self):
        self.size, self.names, self.hook = 1, [], lambda: 0
        self.all_names = (self.names,)
class _Kept:
    values = {}
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, it, owner): return self.values.get(self.name, 0)
    def __set__(self, it, value): self.values[self.name] = value
class _Conf:
    lines = _Kept()
class _Known(set): pass
settings, conf, known, table = _Settings(), _Conf(), _Known(), {}
def count(): return sorted(known), sorted(table.items())
MISSING = object()
class _Nothing: pass
NOTHING = _Nothing()
def size(): return settings.size, settings.names, settings.all_names, conf.lines
def resize(n):
    settings.size = n
    settings.names.append(n)
def share(names):
    settings.names = names
def hang():
    settings.hook = (i for i in [1])
    next(settings.hook)
def create(name, base, **parts):
    def __init__(self, *given):
        base.__init__(self, *given)
        self.__dict__.update(parts)
    globals()[name] = type(name, (base,), {"__init__": __init__, "parts": parts})
"""
_INSTALLED: dict[str, str] = {"site-packages/kfx_lib.py": _SETTINGS}
_PATH = "import sys\nsys.path.insert(0, 'site-packages')"

SAME: dict[str, Case] = {
    "the first day of the week": [
        "import calendar",
        "calendar.setfirstweekday(6)",
        "print(calendar.month(2024, 1), calendar.firstweekday())",
    ],
    "an object of a library that cells set": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib\nfrom kfx_lib import settings, resize\nn = 4",
        "resize(n)",
        "print(settings.size, kfx_lib.size(), settings is kfx_lib.settings)\nresize(5)",
        "kept = [settings]\nprint(kfx_lib.size())",
        "print(kept[0] is settings, kept[0] is kfx_lib.settings, kfx_lib.size())",
    ],
    "attributes of what is imported set to what is computed": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib\nfrom kfx_lib import conf\nimport string\nn = 4",
        "conf.lines = n\nstring.digits = '01' + str(n)",
        "print(kfx_lib.size(), conf.lines, string.digits)",
        "conf.lines = n + 1\nkfx_lib.settings.size = n",
        "print(kfx_lib.size())",
    ],
    "containers of a library that cells fill": [
        _INSTALLED,
        f"{_PATH}\nfrom kfx_lib import known, table, count",
        "known.add(1)\ntable.update(a=2)",
        "print(known, table, count())\ntable.pop('a')\nknown.update([3])",
        "print(known, table, count(), type(known).__name__)",
    ],
    "objects that are themselves": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib, dataclasses\n"
        "x = [kfx_lib.MISSING, kfx_lib.NOTHING, dataclasses.MISSING]",
        "print(x[0] is kfx_lib.MISSING, x[1] is kfx_lib.NOTHING)\n"
        "print(x[2] is dataclasses.MISSING)",
    ],
    "classes that a library is told to make": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib",
        "kfx_lib.create('Fit', list, valid=False)\n"
        "kfx_lib.create('One', dict, fit=kfx_lib.Fit)",
        "one = kfx_lib.One({'a': 3})\nprint(one, one.fit is kfx_lib.Fit)",
        "print(type(one) is kfx_lib.One, one.fit([1]), one.fit().valid)\n"
        "kfx_lib.create('Two', kfx_lib.One)",
        "print(kfx_lib.Two.__mro__[1] is type(one), kfx_lib.Two.__module__)",
    ],
    "methods that an object has bound to itself": [
        "import types\n"
        "class Event:\n    def __init__(self, room, n): self.room, self.n = room, n\n"
        "class Room:\n    def __init__(self):\n"
        "        self.event = types.MethodType(Event, self)\n"
        "        self.size = types.MethodType(lambda it: len(vars(it)), self)\n"
        "    def name(self): return 'class'",
        "room = Room()\nroom.name = types.MethodType(lambda it: 'own', room)\n"
        "method = room.size\nkept = room.event",
        "print(room.event(3).room is room, room.size(), room.name())\n"
        "print(method(), method.__self__ is room, kept.__self__ is room)",
    ],
    "comms as a kernel has them": [
        "import comm",
        "c = comm.create_comm(target_name='t')\nprint(type(c), comm.create_comm.__module__)\n"
        "c.send({'a': 1})",
        "print(type(comm.get_comm_manager()))",
    ],
    "generators that are the module's own": [
        "import random\nimport numpy as np\nfrom sklearn.utils import check_random_state\n"
        "one, other = check_random_state(None), random._inst",
        "np.random.seed(0)\nrandom.seed(1)",
        "print(one.rand(), other.random())",
        "print(np.random.rand(), random.random(), one is np.random.mtrand._rand)",
    ],
    "a sample with a seed": [
        "import numpy as np, pandas as pd\nnp.random.seed(0)\ndf=pd.DataFrame({'a':range(9)})",
        "print(df.sample(3).index.tolist())",
        "print(df.sample(3).index.tolist())",
    ],
    "one generator under two names": [
        "import numpy as np\nrng=np.random.default_rng(3)\nsame=rng",
        "print(rng.random())",
        "print(same.random(), same is rng)",
    ],
    "an estimator with a generator": [
        "import numpy as np\nfrom sklearn.utils import resample\nstate=np.random.RandomState(1)",
        "print(resample([1,2,3,4],random_state=state))",
        "print(resample([1,2,3,4],random_state=state))",
    ],
    "numbers that nobody has seeded": [
        "import random\nimport numpy as np\na=[random.random(),np.random.rand()]",
        "b=[random.random(),np.random.rand()]",
        "c=np.random.default_rng().random()",
        "d=np.random.default_rng().random()",
        "print(len({*a,*b,c,d}))",
    ],
    "a state saved and brought back": [
        "import random\nrandom.seed(4)\nsaved=random.getstate()",
        "print(random.random())",
        "random.setstate(saved)",
        "print(random.random())",
    ],
    "variables of the environment by data": [
        "import os\nnames={'KFX_A':'1','KFX_B':'2'}\nos.environ.update(names)",
        "print(os.environ['KFX_A'])\nos.environ.pop('KFX_A')",
        "print(os.environ.get('KFX_A'), os.environ['KFX_B'])\n!echo $KFX_B",
    ],
    "cd": [
        "!mkdir -p sub",
        "%cd -q sub",
        "import os\nprint(os.path.basename(os.getcwd()))\nopen('x','w').close()",
        "%cd -q ..",
        "print(os.listdir('sub'))",
    ],
    "a module on a new path": [
        "import os,sys\nos.makedirs('lib',exist_ok=True)\nopen('lib/kfx_far.py','w').write('v=3')\nplace='lib'\nsys.path.insert(0,place)",
        "import kfx_far\nprint(kfx_far.v)",
        "print(kfx_far.v+1)",
    ],
    "warnings that are errors": [
        "import warnings\nhow='error'\nwarnings.simplefilter(how)",
        "try: warnings.warn('x')\nexcept UserWarning as e: print('raised',e)",
    ],
    "a warning shown in its own way": [
        "import warnings\ndef show(m,*a,**k): print('W',m)\nwarnings.showwarning=show",
        "warnings.warn('x')",
    ],
    "options of pandas": [
        "import pandas as pd\nn=2\npd.options.display.precision=n",
        "print(pd.Series([1.23456]))",
    ],
    "a style by data": [
        "import matplotlib.pyplot as plt\nname='ggplot'\nplt.style.use(name)\nplt.rcParams['lines.linewidth']=len(name)",
        "print(plt.rcParams['axes.facecolor'], plt.rcParams['lines.linewidth'])",
    ],
    "a theme": [
        "import matplotlib.pyplot as plt\nwide=7\nplt.rc('figure',figsize=(wide,3))",
        "fig=plt.figure()\nprint(fig.get_size_inches())\nplt.close()",
    ],
    "a log in a file": [
        "import logging\nlogging.basicConfig(filename='x.log',level=logging.INFO,format='%(message)s',force=True)",
        "logging.info('one')",
        "logging.info('two')",
        "print(open('x.log').read())",
    ],
    "a handler that a logger had": [
        "import logging\nlog=logging.getLogger('app')\nh=logging.StreamHandler()\nlog.addHandler(h)",
        "log.error('a')",
        "log.removeHandler(h)\nlog.error('x')\nprint(log.handlers)",
        "print(list(vars(h)))",
    ],
    "a handler of one's own": [
        "import logging\nclass H(logging.Handler):\n  def emit(self,r): print('H',r.getMessage())\nlog=logging.getLogger('kfx.own')\nlog.addHandler(H())\nlog.propagate=False",
        "log.warning('x')",
    ],
    "the locale": [
        "import locale\nname='C.'+'UTF-8'\nlocale.setlocale(locale.LC_ALL,name)",
        "print(locale.setlocale(locale.LC_ALL))",
    ],
    "the decimal context by data": [
        "import decimal\nk=3\ndecimal.getcontext().prec=k",
        "print(decimal.Decimal(1)/7)",
    ],
    "umask": [
        "import os\nm=0o077\nold=os.umask(m)",
        "open('u','w').close()\nprint(oct(os.stat('u').st_mode))\nos.umask(old);",
    ],
    "all results shown": [
        "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity='all'",
        "1\n2",
    ],
    "a formatter": [
        "class A: pass\nget_ipython().display_formatter.formatters['text/plain'].for_type(A,lambda a,p,c: p.text('an A'))",
        "A()",
    ],
    "an event of the shell": [
        "def f(*a): print('ran')\nget_ipython().events.register('post_run_cell',f)",
        "print(1)",
        "get_ipython().events.unregister('post_run_cell',f)",
    ],
    "a macro and an alias": ["%alias hey echo hey", "%hey"],
    "a configuration of scikit-learn": [
        "import sklearn\nfrom sklearn.preprocessing import StandardScaler\nhow='pandas'\nsklearn.set_config(transform_output=how)",
        "print(type(StandardScaler().fit_transform([[1.0],[2.0]])).__name__)",
    ],
    "print made new": [
        "import functools\nprint=functools.partial(print,'>')",
        "print(1)",
    ],
    "garbage collection": [
        "import gc\ngc.disable()",
        "print(gc.isenabled())\ngc.enable()",
    ],
    "a dialect": [
        "import csv\nd='|'\ncsv.register_dialect('bar',delimiter=d)",
        "print(list(csv.reader(['a|b'],dialect='bar')))",
    ],
    "a limit of csv": [
        "import csv\nn=99\ncsv.field_size_limit(n);",
        "print(csv.field_size_limit())",
    ],
    "registries of the standard library": [
        "import codecs,copy,copyreg,mimetypes,sqlite3\nclass A: pass\n"
        "copyreg.pickle(A,lambda a:(str,('s',)))\nmimetypes.add_type('a/b','.kfx')\n"
        "sqlite3.register_adapter(A,lambda p:'A!')\n"
        "codecs.register_error('kfx',lambda e:('!',e.end))",
        "print(copy.copy(A()), mimetypes.guess_type('x.kfx'), 'ä'.encode('ascii','kfx'))",
        "print(sqlite3.connect(':memory:').execute('select ?',(A(),)).fetchone())",
    ],
    "a class of a library patched": [
        "import json\ndef default(self,o): return 'odd'\njson.JSONEncoder.default=default",
        "print(json.dumps({1,2}))",
    ],
    "pyplot has chosen its backend": [
        "import matplotlib.pyplot as plt\nfrom matplotlib.figure import Figure\nprint(plt.isinteractive())",
        "plt.figure(figsize=(1,1));",
        "print(plt.isinteractive())\nFigure(figsize=(1,1))",
    ],
    "pyplot is interactive before it has a backend": [
        "import matplotlib.pyplot as plt\nplt.ion()\nplt.rcParams['lines.linewidth']=3",
        "print(plt.isinteractive())\nplt.figure(figsize=(1,1));\nplt.ioff();",
        "print(plt.isinteractive())",
    ],
    "classes registered with abstract ones": [
        "import abc, collections.abc\nclass Shape(abc.ABC): pass\nclass Foo: pass\nkinds=[Foo]",
        "for k in kinds: Shape.register(k)",
        "print(isinstance(Foo(),Shape), isinstance(Foo(),collections.abc.Sized))",
        "collections.abc.Sized.register(Foo);",
        "print(isinstance(Foo(),Shape), isinstance(Foo(),collections.abc.Sized))",
    ],
    "exceptions that the notebook is told of": [
        "def told(shell,etype,value,tb,tb_offset=None): print('told of',value)",
        "get_ipython().set_custom_exc((ValueError,),told)",
        "#raises\nraise ValueError('a')",
        "print(2)",
    ],
    "interactive plotting off": [
        "import matplotlib.pyplot as plt\nplt.ioff()\nx=1",
        "print(plt.isinteractive())\nplt.ion();",
    ],
    "parquet": [
        "import pyarrow as pa, pyarrow.parquet as pq\npq.write_table(pa.table({'a':[1,2]}),'t.parquet')",
        "print(pq.read_table('t.parquet').to_pydict())",
        "pq.write_table(pa.table({'a':[3]}),'t.parquet')",
        "print(pq.ParquetFile('t.parquet').read().to_pydict())",
    ],
    "parquet behind functions": [
        {
            "kfx_io.py": "import pyarrow as pa\nfrom pyarrow.parquet import read_table, write_table\n"
            "def keep(values, path):\n  import time; time.sleep(.5); write_table(pa.table({'a':values}),path)\n"
            "def get(path): return read_table(path).to_pydict()\n"
        },
        "import kfx_io\nkfx_io.keep([1],'t.parquet')",
        "kfx_io.keep([2],'t.parquet')",
        "print(kfx_io.get('t.parquet'))",
    ],
    "pandas with parquet": [
        "import pandas as pd\npd.DataFrame({'a':[1]}).to_parquet('p.parquet')",
        "print(pd.read_parquet('p.parquet'))",
    ],
    "hdf behind functions": [
        {
            "kfx_io.py": "import h5py\ndef keep(values, path):\n  import time; time.sleep(.5)\n  with h5py.File(path,'w') as f: f['a']=values\n"
            "def get(path):\n  with h5py.File(path) as f: return f['a'][:].tolist()\n"
        },
        "import kfx_io\nkfx_io.keep([1],'t.h5')",
        "kfx_io.keep([2],'t.h5')",
        "print(kfx_io.get('t.h5'))",
    ],
    "hdf": [
        "import h5py\nwith h5py.File('a.h5','w') as f: f['x']=[1,2]",
        "with h5py.File('a.h5') as f: print(f['x'][:])",
    ],
    "a database in a file": [
        "import sqlite3\nwith sqlite3.connect('d.db') as c: c.execute('create table t(a)')\nc.close()",
        "c=sqlite3.connect('d.db'); c.execute('insert into t values(1)'); c.commit(); c.close()",
        "print(sqlite3.connect('d.db').execute('select * from t').fetchall())",
    ],
    "memory of a file": [
        "import numpy as np\nm=np.memmap('m.bin',dtype='i4',mode='w+',shape=3)\nm[:]=[1,2,3]\nm.flush()\ndel m",
        "m=np.memmap('m.bin',dtype='i4',mode='r+'); m[0]=9; m.flush(); del m",
        "print(np.fromfile('m.bin',dtype='i4'))",
    ],
    "an image": [
        f"{_PIXELS}Image.fromarray(np.zeros((2,2),'u1')).save('i.png')",
        "im=Image.open('i.png').copy()",
        "im.putpixel((0,0),7)\nim.save('i.png')",
        "print(np.asarray(Image.open('i.png')).tolist())",
    ],
    "commands that write and read": [
        "!echo one > f.txt",
        "!echo two >> f.txt",
        "import subprocess\nprint(subprocess.check_output(['cat','f.txt'],text=True))",
        "text=!cat f.txt\nprint(text)",
        "!rm f.txt",
        "import os\nprint(os.path.exists('f.txt'))",
    ],
    "a file that is written slowly": [
        "import time\ndef slow(p):\n  with open(p,'w') as f:\n    f.write('a'); f.flush(); time.sleep(.5); f.write('b')\ndef get(p): return open(p).read()",
        "slow('s.txt')",
        "print(get('s.txt'))",
    ],
    "appending through a module": [
        {"kfx_note.py": "def note(t):\n  with open('n.txt','a') as f: f.write(t)\n"},
        "import kfx_note\nkfx_note.note('a')",
        "kfx_note.note('b')",
        "kfx_note.note('c')\nprint(open('n.txt').read())",
    ],
    "a package beside the notebook": [
        {
            "kfx_part.py": "from pathlib import Path\ntext=Path('c.txt').read_text()\n",
            "c.txt": "1",
        },
        "import kfx_part\nprint(kfx_part.text)",
        "print(kfx_part.text*2)",
    ],
    "a file that a module reads after it was written": [
        {"kfx_conf.py": "text=open('c.txt').read()\n"},
        "open('c.txt','w').write('2')",
        "import kfx_conf\nprint(kfx_conf.text)",
        "print(kfx_conf.text*2)",
    ],
    "a figure with text": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nax.plot([1,2]);",
        "ax.set_title('t')\nfig",
        "fig.savefig('f.png')\nimport os\nprint(os.path.exists('f.png'))",
    ],
    "a locked function": [
        "import threading\nlock=threading.Lock()\nn=0\ndef add():\n  global n\n  with lock: n+=1",
        "add()",
        "add()\nprint(n,lock.locked())",
    ],
    "a generator of one's own, untouched": [
        "def gen(k):\n  for i in range(k): yield i\ng=gen(3)",
        "print(list(g))",
    ],
    "a pipeline with lambdas": [
        "from sklearn.preprocessing import FunctionTransformer\nfrom sklearn.pipeline import make_pipeline\nk=2\npipe=make_pipeline(FunctionTransformer(lambda x: x*k))",
        "print(pipe.named_steps['functiontransformer'].func(3))",
        "k=5\nprint(pipe.named_steps['functiontransformer'].func(3))",
    ],
    "queues and events": [
        "import queue,threading\nq=queue.Queue();q.put(1);e=threading.Event()",
        "q.put(2);e.set()",
        "print(q.get(),q.get(),e.is_set())",
    ],
    "progress in frames": [
        "import pandas as pd\nfrom tqdm import tqdm\ntqdm.pandas(disable=True)\ndf=pd.DataFrame({'a':[1,2]})",
        "print(df.a.progress_apply(lambda x:x+1).tolist())",
    ],
    "a library that the collector calls": [
        {
            "site-packages/kfx_called.py": "import gc\ndef _seen(phase, info): pass\n"
            "gc.callbacks.append(_seen)"
        },
        f"{_PATH}\nn = 4",
        "def use():\n    import kfx_called\n    return n\nprint(use())",
        "print(n, use())",
    ],
    "a generator that a cell is the first to load and seeds out of sight": [
        "import numpy as np\na = 1",
        "getattr(np.random, 'se' + 'ed')(4)",
        "print(np.random.rand(2))",
        "print(np.random.rand(), a)",
    ],
    "a console": [
        "from rich.console import Console\nfrom rich.table import Table\n"
        "console = Console(width=60)",
        "table = Table(title='x')\ntable.add_column('a')",
        "table.add_row('1')\nconsole.print(table)",
        "console.print('[bold]x[/bold]', table.row_count)",
    ],
    "settings that take lists": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib\nn = 4",
        "kfx_lib.configure([kfx_lib.Hook(), kfx_lib.Hook])",
        "print(kfx_lib.hooked(), n)",
    ],
    "what a library draws from": [
        _INSTALLED,
        f"{_PATH}\nimport kfx_lib\nmaker = kfx_lib.Maker()",
        "kfx_lib.seed(1)\nprint(maker.draw())",
        "print(maker.draw(), maker.rng is kfx_lib.rng)",
        "kfx_lib.seed(1)\nother = kfx_lib.Maker()\nprint(maker.draw(), other.draw())",
        "print(other.draw(), maker.draw())",
    ],
    "what a library goes round": [
        _INSTALLED,
        f"{_PATH}\nfrom kfx_lib import take\nn = 4",
        "print(take(3))",
        "x = take(4)\nprint(x)",
        "y = take(n)\nprint(y)",
        "print(x, y)\nprint(take(2))",
    ],
    "an archive of arrays that is open": [
        "import numpy as np\na = np.arange(3)",
        "np.savez('a.npz', a=a)\ndata = np.load('a.npz')\nprint(data.files)",
        "print(data['a'])",
    ],
    "rich text": [
        "from rich import print as rprint\nx=1",
        "rprint('[bold]x[/bold]')",
    ],
    "an updated display in another step": [
        "from IPython.display import display\nh=display('a',display_id='kfx-1')\nx=1",
        "h.update('b')",
        "print(h.display_id)",
    ],
    "sets that have grown in other ways than one by one": [
        "w = [n * n * 7 for n in range(60)]\na = frozenset(w[:20]) | frozenset(w[20:41])\nb = [set(dict.fromkeys(w[n:])) for n in range(12)]\nc = {frozenset(w[:9]), frozenset(w[3:])}",
        "print(a, b, [list(x) for x in c])",
        "for x in b:\n    x.update(range(-1, -9, -1))\nprint(b, a)",
        "print([list(x) for x in b])",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    "a generator that has begun inside of an object": (
        [
            "class Car:\n    def __init__(self): self.drive = self._drive()\n"
            "    def _drive(self):\n        yield 1\n        yield 2",
            "car = Car()\nprint(next(car.drive))",
            "x = 1",
            "print(next(car.drive))",
        ],
        "Cell 2 leaves it so, and cell 4 uses it",
    ),
    "an object of a library that holds what cannot be stored": (
        [
            _INSTALLED,
            f"{_PATH}\nimport kfx_lib\nfrom kfx_lib import settings",
            "kfx_lib.hang()",
            "print(kfx_lib.size())",
        ],
        "is not handed on",
    ),
    "an object of a library that shares with a variable": (
        [
            _INSTALLED,
            f"{_PATH}\nimport kfx_lib\nnames = []",
            "kfx_lib.share(names)",
            "names.append(1)\nprint(kfx_lib.size())",
        ],
        "has come to be a variable's",
    ),
    "a pool of processes": (
        [
            "from concurrent.futures import ProcessPoolExecutor\npool=ProcessPoolExecutor(1)",
            "print(list(pool.map(abs,[1])))",
        ],
        "handed on",
    ),
    "a child that runs": (
        [
            "import subprocess\np=subprocess.Popen(['sleep','60'])",
            "p.kill()\nprint(p.wait())",
        ],
        "handed on",
    ),
    "a socket": (
        ["import socket\ns=socket.socket()", "print(s.fileno()>0)"],
        "handed on",
    ),
    "a thread that works on a list": (
        [
            "import threading,time\ndone=[]\ndef work():\n  time.sleep(.3); done.append(1)\nthreading.Thread(target=work).start()",
            "time.sleep(.6)\nprint(done)",
        ],
        "thread",
    ),
    "text caught by a stream of one's own": (
        [
            "import io,sys\nold,buffer=sys.stdout,io.StringIO()\nsys.stdout=buffer",
            "print('x')",
            "sys.stdout=old\nprint(buffer.getvalue())",
        ],
        "changed-module",
    ),
    "a module of one's own making": (
        [
            "import sys,types\nm=types.ModuleType('kfx_made')\nm.v=3\nsys.modules['kfx_made']=m",
            "import kfx_made\nprint(kfx_made.v)",
        ],
        "changed-module",
    ),
    "arguments": (
        ["import sys\nsys.argv=['a','b']", "print(sys.argv)"],
        "changed-module",
    ),
    "a file that a module has read before": (
        [
            {"kfx_conf.py": "text=open('c.txt').read()\n", "c.txt": "1"},
            "import kfx_conf\nprint(kfx_conf.text)",
            "open('c.txt','w').write('2')",
            "print(kfx_conf.text)",
        ],
        "has written since",
    ),
    "a pipe between processes": (
        [
            "import multiprocessing\nhere,there=multiprocessing.Pipe()\nhere.send(3)",
            "print(there.recv())",
        ],
        "the end of a pipe",
    ),
    "a widget": (
        ["import ipywidgets\ns=ipywidgets.IntSlider(value=3)", "print(s.value)"],
        "a widget",
    ),
    "a comm": (
        [
            "from comm import create_comm\nc=create_comm(target_name='t')\ny=1",
            "c.send({'a':1})",
        ],
        "a comm",
    ),
}
