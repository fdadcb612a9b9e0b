"""Cells of small notebooks, each a step; a leading dict holds files beside the notebook."""

from __future__ import annotations

__all__ = ["REFUSED", "SAME"]

Case = list[str | dict[str, str]]

SAME: dict[str, Case] = {
    "processes that a pool ends": [
        "import multiprocessing, time",
        "with multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))\n"
        "time.sleep(0.2)",
    ],
    "processes of joblib that wait for more": [
        "from joblib import Parallel, delayed",
        "print(Parallel(n_jobs=2)(delayed(abs)(n) for n in (-1, 2)))",
        "print('end')",
    ],
    "what is nested deeply": [
        "class Node:\n    def __init__(self, below): self.below = below",
        "node = None\nfor _ in range(3000): node = Node(node)",
        "count, it = 0, node\nwhile it: count, it = count + 1, it.below\nprint(count)",
    ],
    "docstring of main": ["print(__doc__)", "print(__doc__)"],
    "module that warns of what imports it": [
        {
            "loud.py": "import warnings\nwarnings.warn('loud', stacklevel=2)\n",
            "asks.py": "import loud\n",
        },
        "import os, warnings",
        "with warnings.catch_warnings(record=True) as told:\n"
        "    warnings.simplefilter('always')\n    import asks\n"
        "print(os.path.basename(told[0].filename), told[0].lineno)",
    ],
    "a library that is told of something": [
        "import matplotlib as mpl\nfrom matplotlib.colors import ListedColormap",
        "mpl.colormaps.register(ListedColormap(['r', 'g'], name='kfx'))",
        "print('kfx' in mpl.colormaps)",
    ],
    "an accessor of frames": [
        "import pandas as pd\n"
        "@pd.api.extensions.register_dataframe_accessor('kfx')\n"
        "class A:\n  def __init__(self, frame): self.n = len(frame)",
        "df = pd.DataFrame({'a': [1, 2]})\nprint(df.kfx.n)",
        "print(df.kfx.n)",
    ],
    "the shell by a name": [
        "ip = get_ipython()\n"
        "ip.kernel.comm_manager.register_target('t', lambda comm, message: None)",
        "print(ip is get_ipython())\nip.run_cell('a = 3');",
        "print(a)",
    ],
    "a shell that shows all": ["get_ipython().ast_node_interactivity = 'all'", "1\n2"],
    "a class written anew": [
        "class A:\n  v=1",
        "a=A()\nprint(a.v)",
        "class A:\n  v=2",
        "a=A()",
        "print(a.v, isinstance(a, A))",
    ],
    "monkeypatch module": ["import math\nmath.foo=3", "print(math.foo)"],
    "monkeypatch pandas": [
        "import pandas as pd\npd.DataFrame.hi=lambda s:'hi'",
        "print(pd.DataFrame().hi())",
    ],
    "local module writes": [
        {"mymod.py": "def f(d): d['k']=1\n"},
        "import mymod\nd={}",
        "mymod.f(d)",
        "print(d)",
    ],
    "nonlocal counter": [
        "def mk():\n  n=0\n  def f():\n    nonlocal n\n    n+=1\n    return n\n  return f\nc=mk()",
        "c()",
        "print(c())",
    ],
    "decorator registry": [
        "reg={}\ndef register(f):\n  reg[f.__name__]=f\n  return f",
        "@register\ndef a(): return 1",
        "@register\ndef b(): return 2",
        "print(sorted(reg), reg['a']())",
    ],
    "slots": [
        "class P:\n  __slots__=('x',)\n  def __init__(s,x): s.x=x\np=P(1)",
        "p.x+=1",
        "print(p.x)",
    ],
    "with as": [
        "from contextlib import contextmanager\n@contextmanager\ndef cm():\n  yield [1]\nwith cm() as v: pass",
        "v.append(2)",
        "print(v)",
    ],
    "itertools count": [
        "import itertools\nc=itertools.count(3)\nnext(c)",
        "print(next(c))",
        "print(next(c))",
    ],
    "cycle": [
        "import itertools\nc=itertools.cycle([1,2,3])\nnext(c)",
        "print(next(c))",
        "print(next(c),next(c))",
    ],
    "zip iterator": [
        "z=zip([1,2,3],'abc')\nnext(z)",
        "print(next(z))",
        "print(list(z))",
    ],
    "map lambda": ["m=map(lambda x:x*2,[1,2,3])\nnext(m)", "print(list(m))"],
    "file read": [
        {"a.txt": "1\n2\n3\n"},
        "f=open('a.txt')",
        "print(f.readline())",
        "print(f.read())\nf.close()",
        "print(f.closed)",
    ],
    "thread done": [
        "import threading\nres=[]\nt=threading.Thread(target=lambda:res.append(1)); t.start(); t.join()",
        "print(res)",
    ],
    "await": [
        "import asyncio\nasync def f(x):\n  await asyncio.sleep(.01)\n  return x+1",
        "y=await f(1)",
        "print(y, await f(y))",
    ],
    "async for": [
        "async def g():\n  for i in range(3): yield i",
        "xs=[i async for i in g()]",
        "print(xs)",
    ],
    "globals": ["x=1", "globals()['y']=2", "print(y)"],
    "eval": ["a=2", "print(eval('a+1'))"],
    "vars loop": ["a=1\nb=2", "for n in ['a','b']: print(globals()[n])"],
    "locals": ["a=1", "print('a' in locals(), 'q' in globals())"],
    "dir": ["a=1", "print('a' in dir())"],
    "sys.exit": [
        "x=1",
        "import sys\ntry:\n  sys.exit(2)\nexcept SystemExit as e: print('exit',e.code)",
        "print(x)",
    ],
    "raises": ["x=1", "x=2\n1/0 #raises", "print(x)"],
    "environ": [
        "import os\nos.environ['KFX_T']='a'",
        "print(os.environ['KFX_T'])",
        "del os.environ['KFX_T']",
        "print(os.environ.get('KFX_T'))",
    ],
    "cwd": [
        "import os\nos.makedirs('sub',exist_ok=True)\nos.chdir('sub')",
        "print(os.path.basename(os.getcwd()))",
        "open('f.txt','w').write('x')\nos.chdir('..')",
        "print(os.path.exists('sub/f.txt'), os.listdir('sub'))",
    ],
    "tempfile": [
        "import tempfile,os\nd=tempfile.mkdtemp()\np=os.path.join(d,'a'); open(p,'w').write('hi')",
        "print(open(p).read())",
    ],
    "io stringio": [
        "import io\ns=io.StringIO()\ns.write('a')",
        "s.write('b')",
        "print(s.getvalue(), s.tell())",
    ],
    "subprocess": [
        "import subprocess\nsubprocess.run('echo hi > f.txt',shell=True)",
        "print(open('f.txt').read())",
    ],
    "shell var": ["x='hello'", "!echo {x} $x"],
    "shell assign": ["files=!echo a b", "print(files, files.s)"],
    "bash magic": ["%%bash\necho hi > g.txt", "print(open('g.txt').read())"],
    "writefile": ["%%writefile m.py\nV=3", "import m\nprint(m.V)"],
    "capture": ["%%capture out\nprint('hi')", "print(out.stdout)"],
    "env magic": ["%env KFX_Q=3", "import os\nprint(os.environ['KFX_Q'])"],
    "a shell list": ["!!echo a b", "print(1)"],
    "an assigned magic": ["here = %pwd", "import os\nprint(os.path.isdir(here))"],
    "a timed statement": ["%%capture t\n%time y = [3]", "y.append(4)", "print(y)"],
    "a timed expression": [
        "y = [3]",
        "t = %timeit -o -q -n1 -r1 y.append(1)",
        "print(len(y), type(t).__name__)",
    ],
    "a timed cell": ["%%capture t\n%time\nx = 1", "print(x)"],
    "a script run by name": [
        {"s.py": "w = [7]\n"},
        "%run s.py",
        "w.append(1)\nprint(w)",
    ],
    "quoting by a comma": [",print a b", ";print a b", "/print 1"],
    "a question": ["x = 1\nx?", "print(x)"],
    "output of bash": ["%%bash --out o\necho hi", "print(o)"],
    "precision": ["%precision 3\nx=1", "3.14159265"],
    "pprint off": ["%pprint", "list(range(3))"],
    "pylab": [
        "%pylab inline\nx = linspace(0, 2 * pi, 5)",
        "print(sin(x).round(2), mean(x), np.__name__, plt.gcf().number)\nclose()",
        "plot(x, cos(x));",
    ],
    "xdel": ["a = [1]\nb = a", "%xdel a", "print('a' in globals(), 'b' in globals())"],
    "load_ext": ["%load_ext autoreload\n%autoreload 2\nx=1", "print(x)"],
    "custom magic": [
        "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef hey(l): print('hey',l)",
        "%hey you",
    ],
    "inline backend": [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n%config InlineBackend.figure_format='svg'\nx=1",
        "print(plt.gcf().number); plt.close('all')",
    ],
    "monkeypatch def": [
        "import pandas as pd\ndef hi(s): return 'hi'\npd.DataFrame.hi=hi",
        "print(pd.DataFrame().hi())",
    ],
    "file closed": [
        {"a.txt": "1\n2\n3\n"},
        "f=open('a.txt')",
        "print(f.readline())",
        "print(f.read())\nf.close()",
        "print(f.closed,f.name)",
    ],
    "lru pure": [
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef fib(n): return n if n<2 else fib(n-1)+fib(n-2)",
        "print(fib(30))",
        "print(fib(50))",
    ],
    "local module pure": [
        {
            "mymod.py": "import math\nK=[1]\ndef f(d): d['k']=K[0]\nclass P:\n  def __init__(s): s.v=1\n"
        },
        "import mymod\nfrom mymod import P\nd={}",
        "mymod.f(d)\np=P()",
        "print(d,p.v,isinstance(p,P))",
    ],
    "exception cause": [
        "try:\n  try: 1/0\n  except Exception as a: raise ValueError('x') from a\nexcept ValueError as e:\n  err=e",
        "print(repr(err.__cause__), repr(err.__context__))",
    ],
    "order of a figure's axes": [
        "import matplotlib.pyplot as plt\nfig,axs=plt.subplots(1,3)\nfig.sca(axs[0]);plt.close(fig)",
        "fig.sca(axs[1])",
        "print(fig.gca() is axs[1], fig.gca() is axs[0])",
    ],
    "callbacks that a figure counts": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nplt.close(fig)",
        "ax.set_title('a');",
        "print(fig.canvas.callbacks.connect('draw_event', print))",
    ],
    "module that speaks when it is first imported": [
        {
            "loud.py": "import sys\nprint('out')\n"
            "print('err', file=sys.stderr)\ndef f(): print('called')\n"
        },
        "def g():\n  import loud\n  loud.f()",
        "g()",
        "g()",
        "import loud\nloud.f()",
    ],
    "what is needed to load a value": [
        "def offset(): return 3\nclass Late:\n  def __init__(self): self.n=1\n"
        "  def __setstate__(self,state): self.n=state['n']+eval('off'+'set()')\nvalue=Late()",
        "print(value.n-3 if value.n>3 else value.n)",
    ],
    "what shares with what is read, and is used unseen": [
        "a=[1]\nb=[a]",
        "print(a)",
        "b.append(2)",
        "print(a, eval('b' if len(a) else 'a'))",
    ],
    "function made in a library": [
        "import contextlib\ndef f(x):\n  yield x\nmade=[contextlib.contextmanager(f)]",
        "with made[0](4) as x: print(x, made[0].__name__, made[0].__module__)",
    ],
    "a figure drawn on in a later step": [
        "import matplotlib.pyplot as plt\nfig,ax=plt.subplots()\nax.plot([1,2]);plt.close(fig)",
        "ax.set_title('x')\nax.plot([2,1]);",
        "fig",
    ],
    "a plot in one step": [
        "import matplotlib.pyplot as plt\nxs=[1,3,2]",
        "plt.plot(xs)\nplt.title('a')\nplt.show()",
        "plt.bar([1,2],xs[:2]);",
    ],
    "rich output": [
        "import pandas as pd\ndf=pd.DataFrame({'a':[1,2]})",
        "df",
        "df.style.hide()\nprint(1)",
    ],
    "display": [
        "from IPython.display import display, Markdown\nx=1",
        "display(Markdown('*x*'), x)",
        "display({'a':x})",
    ],
    "display update": [
        "from IPython.display import display\nh=display('a',display_id='q')\nh.update('b')",
        "x=1",
    ],
    "stderr": ["import sys\nx=1", "print('e',file=sys.stderr)\nprint('o')"],
    "logging": [
        "import logging\nlogging.basicConfig(level=logging.INFO,format='%(message)s',force=True)\nx=1",
        "logging.info('hi %s',x)",
    ],
    "a logger of its own": [
        "import logging\nlog=logging.getLogger('a')\nlog.setLevel(logging.INFO)\nhd=logging.StreamHandler()\nhd.setFormatter(logging.Formatter('%(message)s!'))\nlog.addHandler(hd)\nx=1",
        "log.info('hi %s',x)",
        "hd.setLevel(40)",
        "log.info('not shown'); log.error('shown')",
    ],
    "the decimal context": [
        "import decimal\nfrom decimal import Decimal\nctx=decimal.getcontext()\nctx.prec=5",
        "print(Decimal(1)/3)",
        "ctx.prec=3",
        "print(Decimal(1)/3, decimal.getcontext())",
    ],
    "a seeded generator": [
        "import numpy as np, random\nnp.random.seed(1);random.seed(2)\nrng=np.random.default_rng(3)",
        "print(np.random.rand(), random.random(), rng.random())",
        "print(np.random.rand(), random.random(), rng.random())",
    ],
    "a split with a seed": [
        "import numpy as np\nfrom sklearn.model_selection import train_test_split\nnp.random.seed(0)\nX=np.arange(20)",
        "a,b=train_test_split(X)\nprint(a)",
        "c,d=train_test_split(X)\nprint(c)",
    ],
    "a setting below a changed state": [
        "import numpy as np\nx=3\nnp.set_printoptions(precision=x)\nprint(np.array([1.23456789]))",
        "np.set_printoptions(precision=5)",
        "print(np.array([1.23456789]))",
    ],
    "a model fitted again": [
        "from sklearn.linear_model import LinearRegression\nm=LinearRegression().fit([[0],[1]],[0,1])",
        "p=m.predict([[2]])",
        "m.fit([[0],[1]],[0,2])",
        "print(p,m.predict([[2]]))",
    ],
    "a view of a frame": [
        "import pandas as pd\ndf=pd.DataFrame({'a':[1,2],'b':[3,4]})\ns=df['a']",
        "df.loc[0,'a']=9",
        "print(s.tolist(),df.a.tolist())",
    ],
    "groupby object": [
        "import pandas as pd\ndf=pd.DataFrame({'a':[1,1,2],'b':[3,4,5]})\ng=df.groupby('a')",
        "print(g.b.sum().to_dict())",
    ],
    "categorical": [
        "import pandas as pd\ns=pd.Series(list('abca'),dtype='category')",
        "s=s.cat.add_categories('z')",
        "print(s.cat.categories.tolist())",
    ],
    "a partly read file pair": [
        {"d.csv": "a,b\n1,2\n"},
        "import pandas as pd\ndf=pd.read_csv('d.csv')",
        "df.to_csv('e.csv',index=False)",
        "print(open('e.csv').read())",
    ],
    "an accumulated file": [
        "open('l.txt','w').write('a\\n')",
        "with open('l.txt','a') as f: f.write('b\\n')",
        "print(open('l.txt').read())",
    ],
    "a function that a value holds, found by its name where the value is pickled": [
        "import pickle\nk=3\ndef f(x,k=k): return x+k",
        "r={'f':f}",
        "with open('x','wb') as file: pickle.dump(r,file)",
        "print(pickle.load(open('x','rb'))['f'](2))",
    ],
    "a cache without parentheses": [
        "import functools\nk = [3]\n@functools.lru_cache\ndef g(z=k[0]):\n    return z",
        "@functools.wraps(g)\ndef f(z=k[0]):\n    return z\nprint(g.cache_parameters())",
        "print(g.cache_parameters.__qualname__, f.cache_parameters.__qualname__)",
    ],
    "pickle file": [
        "import pickle\npickle.dump({'a':1},open('p.pkl','wb'))",
        "print(pickle.load(open('p.pkl','rb')))",
    ],
    "npy": [
        "import numpy as np\nnp.save('a.npy',np.arange(3))",
        "print(np.load('a.npy'))",
    ],
    "glob": [
        "import glob\nopen('1.t','w').close();open('2.t','w').close()",
        "print(sorted(glob.glob('*.t')))",
    ],
    "pathlib exists": [
        "from pathlib import Path\np=Path('f.x')",
        "p.write_text('a')",
        "print(p.exists(), p.stat().st_size)",
        "p.unlink()",
        "print(p.exists())",
    ],
    "what a thread has for itself": [
        "import threading\nlocal = threading.local()\nlocal.x = [1]",
        "local.x.append(2)\nkept = [local]",
        "def look():\n    print(hasattr(local, 'x'))\n"
        "t = threading.Thread(target=look)\nt.start()\nt.join()",
        "print(local.x, kept[0] is local)",
    ],
    "functions that SymPy has written": [
        "import inspect\nimport numpy as np\nimport sympy as sp\n"
        "x, y = sp.symbols('x y')\n"
        "e = sp.sin(x) * sp.exp(y) + sp.Piecewise((x, x > 0), (0, True))",
        "f = sp.lambdify((x, y), e)\nfs = [f, sp.lambdify(x, sp.erf(x))]",
        "print(f(np.array([1.0, -2]), 2), fs[1](0.5), fs[0] is f)",
        "print(inspect.getsource(f), f.__doc__)\nf.n = [1]",
        "g = sp.lambdify(x, sp.cos(x))\nf.n.append(2)\n"
        "print(g(1.0), f(1.0, 1.0), inspect.getsource(f) == inspect.getsource(g))",
        "print(fs[0].n, inspect.getsource(g))",
    ],
    "enum": [
        "from enum import Enum\nclass C(Enum):\n  A=1\n  B=2\nx=[C.A]",
        "print(x[0] is C.A, C.B in x)",
    ],
    "dataclass in a dict": [
        "from dataclasses import dataclass\n@dataclass\nclass P:\n  x:int\nd={'p':P(1)}",
        "d['p'].x=5",
        "print(isinstance(d['p'],P), d)",
    ],
    "subclass of dict": [
        "class D(dict):\n  pass\nd=D(a=1);d.k=[1]",
        "d.k.append(2)",
        "print(type(d) is D,d,d.k)",
    ],
    "operator overloading": [
        "class V:\n  def __init__(s,x): s.x=x\n  def __iadd__(s,o): s.x+=o; return s\nv=V(1);w=v",
        "v+=2",
        "print(w.x, v is w)",
    ],
    "property setter": [
        "class A:\n  def __init__(s): s._v=0;s.log=[]\n  @property\n  def v(s): return s._v\n  @v.setter\n  def v(s,x): s.log.append(x); s._v=x\na=A()",
        "a.v=4",
        "print(a.v,a.log)",
    ],
    "self reference": ["a=[1]\na.append(a)", "a.append(2)", "print(len(a), a[1] is a)"],
    "deque and counter": [
        "from collections import deque,Counter\nd=deque([1],maxlen=2);c=Counter('aab')",
        "d.extend([2,3]);c.update('b')",
        "print(d,c.most_common())",
    ],
    "heap": [
        "import heapq\nh=[5,1,4];heapq.heapify(h)",
        "heapq.heappush(h,0)",
        "print([heapq.heappop(h) for _ in range(4)])",
    ],
    "array out argument": [
        "import numpy as np\na=np.zeros(3)",
        "np.add([1,2,3],1,out=a)",
        "print(a)",
    ],
    "ufunc at": [
        "import numpy as np\na=np.zeros(3)\nb=a[:2]",
        "np.add.at(a,[0,0],1)",
        "print(a,b)",
    ],
    "global in a function": [
        "n=0\ndef f():\n  global n\n  n+=1",
        "f()",
        "f()",
        "print(n)",
    ],
    "function rebinds list": [
        "xs=[]\ndef add(v): xs.append(v)",
        "for i in range(3): add(i)",
        "print(xs)",
    ],
    "recursion": ["def fact(n): return 1 if n<2 else n*fact(n-1)", "print(fact(5))"],
    "mutual functions": [
        "def even(n): return n==0 or odd(n-1)\ndef odd(n): return n!=0 and even(n-1)",
        "print(even(10))",
    ],
    "redefined function": [
        "def f(): return 1\ndef g(): return f()",
        "def f(): return 2",
        "print(g())",
    ],
    "shadowed builtin": ["list=[1,2]", "print(list)", "del list", "print(list('ab'))"],
    "del and rebind": ["x=1\ny=[x]", "del x", "x=5", "print(x,y)"],
    "try binding": ["try:\n  v=int('a')\nexcept ValueError:\n  v=-1", "print(v)"],
    "try import": [
        "try:\n  import nothere\n  H=True\nexcept ImportError:\n  H=False",
        "print(H)",
    ],
    "while else": ["n=3\nwhile n: n-=1\nelse: done=True", "print(n,done)"],
    "star assignment": ["a,*b=range(4)", "b.append(9)", "print(a,b)"],
    "chained assignment": ["a=b=[1]", "b.append(2)", "print(a)"],
    "swap": ["a,b=[1],[2]", "a,b=b,a", "a.append(0)", "print(a,b)"],
    "slice assignment": ["a=[1,2,3]\nc=a", "a[1:]=[9]", "print(c)"],
    "unicode names": ["größe=3\nπ=3.14", "print(größe*π)"],
    "f-string": ["x=2\ny='a'", "print(f'{x:>{x}}|{y!r}|{[i*x for i in range(2)]}')"],
    "a lambda default": [
        "fs=[lambda i=i:i for i in range(3)]",
        "print([f() for f in fs])",
    ],
    "late binding": ["fs=[lambda:i for i in range(3)]", "print([f() for f in fs])"],
    "a generator pipeline": [
        "xs=[1,2,3]\ng=(x*2 for x in xs)\nh=(x+1 for x in g)",
        "print(list(h))",
    ],
    "an exhausted iterator": ["it=iter([1,2])\nlist(it)", "print(list(it))"],
    "enumerate kept": [
        "e=enumerate('abc')\nnext(e)",
        "print(next(e))",
        "print(list(e))",
    ],
    "numpy scalar": [
        "import numpy as np\nx=np.float32(0.1)",
        "print(type(x).__name__, x+x)",
    ],
    "object array": [
        "import numpy as np\na=np.empty(2,object);a[0]=[1];b=a[0]",
        "b.append(2)",
        "print(a)",
    ],
    "masked": [
        "import numpy as np\nm=np.ma.masked_array([1,2,3],[0,1,0])",
        "m[0]=np.ma.masked",
        "print(m, m.sum())",
    ],
    "what the base of an array is": [
        "import numpy as np\na=np.arange(12.)\nb=a.reshape(3,4)\nc=b.view()\nd=np.zeros((2,2),order='F')",
        "print(c.base is a,b.base is a,a.base is None,a.flags.owndata,c.flags.owndata)\nd.flags.writeable=False",
        "c[0]=7\nd=d.copy()\nd.resize((3,2),refcheck=False)\nprint(c.base is a,a,d.flags.writeable)",
        "print(c.base is a,d.flags.owndata,d.base)",
    ],
    "rows of a structured array": [
        "import numpy as np\nr=np.zeros(3,dtype=[('n','U3'),('p',[('x','f8'),('y','i4')])])\nrows=list(r)\na=r.view(np.recarray)[1]\np=r[2]['p']",
        "rows[0]['n']='b'\np['x']=5\na.n='a'\nprint(r,rows)",
        "r['p']['y']+=1\nprint(rows,a,p,type(a))",
        "alone=np.zeros((),dtype=[('x','f8')])[()]",
        "alone['x']=4\nprint(alone)",
        "print(alone,r,rows,a,p)",
    ],
    "structured": [
        "import numpy as np\nr=np.zeros(2,dtype=[('a','i4'),('b','f8')])\nv=r['a']",
        "v[0]=5",
        "print(r)",
    ],
    "networkx": [
        "import networkx as nx\nG=nx.Graph();G.add_edge(1,2)",
        "G.add_edge(2,3,w=4)",
        "print(sorted(G.edges(data=True)))",
    ],
    "nan": ["x=float('nan')\nd={x:1}", "print(x in d, x in [x])"],
    "big int and bool": ["x=2**100\nt=True", "print(x, t is True)"],
    "import alias": [
        "import os.path as p, json as j",
        "print(p.join('a','b'), j.dumps({}))",
    ],
    "match": [
        "cmd=('go',[3])",
        "match cmd:\n  case ('go',[n]): r=n\n  case _: r=0",
        "print(r,n)",
    ],
    "nested comprehension": [
        "m=[[1,2],[3]]\nx=7",
        "f=[x for r in m for x in r]",
        "print(f,x)",
    ],
    "walrus": ["if (n:=len('abc'))>2: k=n", "print(n,k)"],
    "class variable list": [
        "class A:\n  def __init__(s): s.items=[]\na=A();b=a",
        "a.items.append(1)",
        "print(b.items)",
    ],
    "signal handler": [
        "import signal\nsignal.signal(signal.SIGUSR1,lambda *a:print('sig'))\nx=1",
        "import os\nprint(signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL)",
    ],
    "sys.setrecursionlimit": [
        "import sys\nsys.setrecursionlimit(2345)",
        "print(sys.getrecursionlimit())",
    ],
    "sys.path": ["import sys\nsys.path.append('lib')", "print(sys.path[-1])"],
    "builtins patched": ["import builtins\nbuiltins.foo=3", "print(foo)"],
    "np.seterr": [
        "import numpy as np\nnp.seterr(all='ignore')",
        "print(np.float64(1)/0)",
    ],
    "np errstate data": [
        "import numpy as np\nw='ignore'\nnp.seterr(all=w)\nprint(1)",
        "print(np.float64(1)/0)",
    ],
    "pandas option data": [
        "import pandas as pd\nn=3\npd.set_option('display.max_rows',n)",
        "print(pd.Series(range(9)))",
    ],
    "socket default timeout": [
        "import socket\nsocket.setdefaulttimeout(3)",
        "print(socket.getdefaulttimeout())",
    ],
    "gc and time zone": [
        "import os,time\nos.environ['TZ']='Asia/Tokyo'\ntime.tzset()",
        "print(time.tzname)",
    ],
    "match of a pattern": [
        "import re\nm=re.search('(b)(?P<n>x)?c*','abcc')\nf=re.fullmatch('a+','aa')",
        "print(m,m.groups('-'),m.span(),m.re.pattern,f[0],m.pos)",
        "print(m.end())",
    ],
    "npz file below setup": [
        "import numpy as np\ndef twice(x):\n    return 2 * x",
        "np.savez('a.npz',x=np.arange(3))\nz=np.load('a.npz')",
        "print(twice(z['x']))",
    ],
    "npz file": [
        "import numpy as np\nnp.savez('a.npz',x=np.arange(3),y=np.array([{1}],dtype=object))\nz=np.load('a.npz',allow_pickle=True)",
        "print(z['x'],z.files)",
        "print(z['y'])\nz.close()",
    ],
    "hdf5 file read": [
        "import h5py\nwith h5py.File('d.h5','w') as f: f['g/a']=[1,2]",
        "f=h5py.File('d.h5','r')",
        "print(f['g/a'][:],f.filename)\nf.close()",
    ],
    "named temporary file closed": [
        "import tempfile,os\nwith tempfile.NamedTemporaryFile('w',delete=False) as t: t.write('hi')",
        "print(open(t.name).read())\nos.unlink(t.name)",
        "print(os.path.exists(t.name),t.closed)",
    ],
    "decimal setcontext": [
        "import decimal\nd=4\ndecimal.setcontext(decimal.Context(prec=d))",
        "print(decimal.Decimal(1)/3)",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    "atexit": (
        ["import atexit\natexit.register(print,'bye')\nx=1", "print(x)"],
        "registered for the end of the notebook",
    ),
    "object with an end": (
        [
            "class A:\n  def __del__(s): print('gone')\na=A()",
            "del a\nprint('deleted')",
        ],
        "whose `__del__` is called",
    ),
    "object with an end, whose name is given to another": (
        [
            "class A:\n  def __del__(s): print('gone')\na=[A()]",
            "for a in range(2): pass\nprint('next')",
        ],
        "whose `__del__` is called",
    ),
    "object whose end is waited for": (
        [
            "import weakref\nclass A: pass\na=A()\nf=weakref.finalize(a, print, 'gone')",
            "a = None\nprint('next')",
        ],
        "somebody waits for",
    ),
    "object whose end is told of": (
        [
            "import weakref\nclass A: pass\na=A()\nr=[weakref.ref(a, lambda r: print('gone'))]",
            "a = None\nprint('next')",
        ],
        "somebody waits for",
    ),
    "shelf that is open": (
        [
            "import shelve, dbm, dbm.dumb\ndbm._defaultmod = dbm.dumb\ns=shelve.open('a')\ns['a']=1",
            "s['b']=2\ns.close()",
            "print(dict(shelve.open('a')))",
        ],
        "a database of keys",
    ),
    "match among many": (
        ["import re\nms=list(re.finditer('a','banana'))", "print(ms[1].start())"],
        "found after others",
    ),
    "temporary directory": (
        [
            "import tempfile,os\nd=tempfile.TemporaryDirectory()",
            "print(os.listdir(d.name))",
        ],
        "removed or closed when its step ends",
    ),
    "open file replaced": (
        [
            {"a.txt": "old", "b.txt": "new"},
            "f=open('a.txt')",
            "import os\nos.replace('b.txt','a.txt')",
            "print(f.read())",
        ],
        "has changed since",
    ),
    "npz file written anew": (
        [
            "import numpy as np\nnp.savez('a.npz',x=[1])\nz=np.load('a.npz')",
            "import os\nos.remove('a.npz')\nnp.savez('a.npz',x=[2])",
            "print(z['x'])",
        ],
        "has changed since",
    ),
    "hdf5 file written": (
        ["import h5py\nf=h5py.File('d.h5','w')\nf['a']=[1]", "print(f['a'][:])"],
        "open for writing",
    ),
    "local module attr": (
        [
            {"mymod.py": "cfg={'a':1}\ndef f(): return cfg\n"},
            "import mymod\ny=1",
            "mymod.cfg['a']=5\ny=2",
            "print(mymod.f())",
        ],
        "changed-module",
    ),
    "weakref": (
        ["import weakref\nclass A: pass\na=A(); w=weakref.ref(a)", "print(w() is a)"],
        "handed on",
    ),
    "weakvaluedict": (
        [
            "import weakref\nclass A: pass\na=A(); w=weakref.WeakValueDictionary(); w['a']=a",
            "print(len(w))",
        ],
        "handed on",
    ),
    "file iter": (
        [
            {"a.txt": "1\n2\n3\n"},
            "f=open('a.txt')\nfirst=next(f)",
            "print(f.readline())",
        ],
        "handed on",
    ),
    "csv reader": (
        [
            {"a.txt": "1,2\n3,4\n"},
            "import csv\nf=open('a.txt')\nr=csv.reader(f)",
            "print(next(r))",
            "print(list(r))",
        ],
        "handed on",
    ),
    "thread running": (
        [
            "import threading,time\nres=[]\ndef w():\n  time.sleep(.3); res.append(1)\nt=threading.Thread(target=w); t.start()",
            "t.join()\nprint(res)",
        ],
        "`Thread-1 (w)` still works with `res`",
    ),
    "executor": (
        [
            "from concurrent.futures import ThreadPoolExecutor\nex=ThreadPoolExecutor(2)",
            "print(list(ex.map(str,[1,2])))",
        ],
        "handed on",
    ),
    "async task": (
        [
            "import asyncio\nasync def f():\n  await asyncio.sleep(.05)\n  return 3\nt=asyncio.ensure_future(f())",
            "print(await t)",
        ],
        "handed on",
    ),
    "last result": (["1+1", "print(_)"], "output-history"),
    "Out": (["5", "print(Out[1])"], "output-history"),
    "history": (["a = 1", "%history -n"], "output-history"),
    "macro": (["a = 1\nprint(a)", "%macro -q m 1", "m"], "output-history"),
    "module that autoreload would load again": (
        [
            "%load_ext autoreload\n%autoreload 2\n"
            "open('m.py', 'w').write('def f():\\n    return 1\\n')",
            "from m import f\nprint(f())",
            "open('m.py', 'w').write('def f():\\n    return 333\\n')",
            "print(f())",
        ],
        "is not handed on",
    ),
    "rewrite module": (
        [
            "%%writefile m.py\nV=3",
            "import m\nprint(m.V)",
            "%%writefile m.py\nV=4",
            "print(m.V)",
        ],
        "is not handed on",
    ),
    "lru print": (
        [
            "from functools import lru_cache\n@lru_cache\ndef f(x):\n  print('computing')\n  return x*2",
            "f(1)",
            "f(1)",
        ],
        "would do so again",
    ),
    "override data": (
        ["import math\nd=[3]\ny=1", "math.pi=d", "print(math.pi)"],
        "changed-module",
    ),
    "override data2": (
        ["import string\nk=[5]", "string.digits=k[0]", "print(string.digits)"],
        "changed-module",
    ),
    "override class attr": (
        [
            "import pandas as pd\nn=3",
            "pd.DataFrame.__len__=lambda s,n=n:n",
            "print(len(pd.DataFrame()))",
        ],
        "changed-module",
    ),
    "setattr": (
        [
            "import string\nk=5",
            "setattr(string,'digits','zz'+str(k))",
            "print(string.digits)",
        ],
        "changed-module",
    ),
    "singledispatch": (
        [
            "from functools import singledispatch\n@singledispatch\ndef f(x): return 'o'",
            "@f.register\ndef _(x:int): return 'i'",
            "print(f(1),f('a'))",
        ],
        "no longer what its definition makes of it",
    ),
    "bytes and memoryview": (
        ["b=bytearray(b'abc')\nm=memoryview(b)", "b[0]=120", "print(bytes(m))"],
        "handed on",
    ),
    "contextvar": (
        [
            "import contextvars\nv=contextvars.ContextVar('v',default=1)",
            "v.set(5)",
            "print(v.get())",
        ],
        "handed on",
    ),
}
