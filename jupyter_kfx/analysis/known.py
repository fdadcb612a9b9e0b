"""What known functions do: whether they change their arguments, what they share.

Two questions a function: does it change an argument in place, and does its result
share mutable objects with an argument? A function that no table knows may do both.
"""

from __future__ import annotations

import re

from jupyter_kfx.analysis.words import words

__all__ = [
    "CONTAINER_MAKERS",
    "FIRST_CHANGES",
    "NEW_FROM_CALLS",
    "OPENERS",
    "PURE_BUILTINS",
    "SHARING_BUILTINS",
    "is_known",
    "made_by",
    "shares",
]


PURE_BUILTINS = words(
    "print len sum str int float bool repr abs round any all isinstance issubclass "
    "type id hash callable hasattr format bytes chr ord bin hex oct divmod pow complex "
    "ascii help display object slice bytearray memoryview super range property "
    "staticmethod classmethod breakpoint get_ipython exit quit delattr setattr"
)
"""Builtins whose result shares nothing."""

CONTAINER_MAKERS = {
    "list": "list",
    "tuple": "tuple",
    "set": "set",
    "frozenset": "tuple",
    "sorted": "list",
    "dict": "dict",
    "reversed": "list",
    "enumerate": "list",
    "zip": "list",
    "map": "generator-object",
    "filter": "generator-object",
    "iter": "generator-object",
    "aiter": "generator-object",
    "copy.copy": "copy",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "collections.deque": "deque",
    "collections.ChainMap": "dict",
    "itertools.chain": "generator-object",
    "itertools.chain.from_iterable": "generator-object",
    "itertools.product": "list",
    "itertools.islice": "generator-object",
    "itertools.cycle": "generator-object",
    "itertools.repeat": "generator-object",
    "itertools.zip_longest": "generator-object",
    "itertools.groupby": "generator-object",
    "itertools.combinations": "generator-object",
    "itertools.permutations": "generator-object",
    "itertools.pairwise": "generator-object",
    "itertools.batched": "generator-object",
    "itertools.tee": "generator-object",
    "types.SimpleNamespace": "instance",
}
"""Functions that make a container of the elements of their arguments."""

SHARING_BUILTINS = words("min max getattr next anext iter vars")
"""Builtins whose result may be a part of an argument."""

FIRST_CHANGES = words(
    "next anext setattr delattr random.shuffle numpy.random.shuffle numpy.put "
    "numpy.copyto numpy.place numpy.putmask numpy.fill_diagonal numpy.put_along_axis "
    "heapq.heappush heapq.heappop heapq.heapify heapq.heapreplace heapq.heappushpop "
    "bisect.insort bisect.insort_left bisect.insort_right operator.setitem "
    "operator.delitem operator.iadd numpy.ndarray.sort object.__setattr__ "
    "torch.nn.utils.clip_grad_norm_ torch.nn.utils.clip_grad_value_ numpy.add.at "
    "numpy.subtract.at numpy.maximum.at numpy.minimum.at "
    "matplotlib.pyplot.setp matplotlib.pyplot.sca "
    "networkx.set_node_attributes networkx.set_edge_attributes networkx.relabel_nodes "
    "networkx.add_path networkx.add_cycle "
    "pandas.DataFrame.insert"
)
"""Functions that change their first argument."""

_KNOWN = words(
    "numpy pandas sklearn scipy matplotlib seaborn math cmath statistics json os sys "
    "re time datetime random copy itertools functools collections operator string "
    "textwrap pathlib typing dataclasses enum abc decimal fractions hashlib base64 "
    "pprint warnings logging platform glob shutil tempfile io csv uuid bisect heapq "
    "inspect types numbers calendar zlib gzip bz2 lzma struct contextlib asyncio "
    "statsmodels IPython plotly PIL skimage requests urllib subprocess sqlite3 pickle "
    "tqdm networkx yaml secrets getpass locale array traceback gc unittest html xml "
    "pkgutil importlib threading multiprocessing concurrent queue socket timeit joblib "
    "xgboost lightgbm catboost imblearn mpl_toolkits patsy umap wordcloud nltk spacy "
    "typing_extensions ipywidgets bokeh altair missingno tabulate termcolor rich "
    "__future__ builtins codecs colorsys difflib email errno fnmatch graphlib "
    "ipaddress keyword linecache mimetypes tokenize zoneinfo zipfile tarfile toml "
    "tomllib dateutil pytz polars pyarrow sympy numexpr bs4 lxml category_encoders "
    "optuna shap eli5 torchvision torch tensorflow keras transformers datasets attr "
    "attrs pydantic toolz more_itertools"
)
_SHARING = re.compile(
    r"numpy\.(as(any|contiguous|fortran)?array|as(any)?array|atleast_\dd|ravel"
    r"|reshape|transpose|squeeze|expand_dims|swapaxes|moveaxis|rollaxis"
    r"|broadcast_(to|arrays)|split|[hvd]split|array_split|diagonal|real|imag|flip\w*"
    r"|rot90|asmatrix|matrix_transpose|frombuffer|nditer|ndenumerate"
    r"|lib\.stride_tricks\.\w+|ma\.(array|masked_\w+|asarray))"
    r"|torch(\.\w+)*|collections\.(UserDict|UserList)|functools\.(partial|reduce)"
    r"|types\.\w+|tqdm(\.\w+)*|dataclasses\.(replace|asdict|astuple)"
    r"|operator\.getitem|itertools\.\w+|weakref\.\w+|contextlib\.\w+|random\.choice"
    r"|heapq\.(heappop|nlargest|nsmallest|merge)|concurrent\..*|asyncio\.\w+"
    r"|multiprocessing\..*|joblib\.(Parallel|delayed)|networkx\.(subgraph\w*|freeze)"
    r"|(tensorflow|keras|transformers|datasets|ipywidgets|polars)(\.\w+)*"
    r"|copy\.(copy|replace)|typing\.cast|toolz\..*|more_itertools\..*"
    r"|matplotlib\.(figure|gridspec|animation|widgets)\.\w+|threading\.\w+"
    r"|(sklearn|imblearn)\.pipeline\.make_(pipeline|union)"
    r"|more_itertools\.\w+|pydantic\.\w+|attrs?\.\w+|sklearn\.base\.\w+Mixin"
)
_NO_HOLD = re.compile(
    r"pandas\.\w+|numpy\..*|pathlib\.\w+|datetime\.\w+|decimal\.\w+|fractions\.\w+"
    r"|collections\.Counter|re\.\w+|PIL\..*|sympy\..*|uuid\.\w+|random\.Random"
    r"|string\.\w+|scipy\.(sparse|stats)\..*|IPython\..*|wordcloud\..*"
)
"""Classes whose instances hold copies of what they are made from."""

_TYPES = {
    "pandas.DataFrame": "dataframe",
    "pandas.concat": "",
    "pandas.merge": "dataframe",
    "pandas.get_dummies": "dataframe",
    "pandas.pivot_table": "dataframe",
    "pandas.crosstab": "dataframe",
    "pandas.json_normalize": "dataframe",
    "pandas.Series": "series",
    "pandas.date_range": "index",
    "pandas.Index": "index",
    "numpy.random.default_rng": "generator",
    "numpy.random.RandomState": "generator",
    "random.Random": "generator",
    "matplotlib.pyplot.figure": "figure",
    "matplotlib.pyplot.gcf": "figure",
    "matplotlib.pyplot.gca": "axes",
    "matplotlib.pyplot.subplot": "axes",
    "matplotlib.pyplot.axes": "axes",
    "matplotlib.pyplot.subplot2grid": "axes",
    "matplotlib.pyplot.subplots": "subplots",
    "collections.Counter": "dict",
    "sklearn.model_selection.train_test_split": "splits",
    "numpy.where": "",
    "numpy.load": "",
    "numpy.random.shuffle": "",
    "numpy.unique": "",
    "numpy.split": "",
    "numpy.meshgrid": "splits",
    "numpy.histogram": "splits",
}
_IMMUTABLE = {
    "get_ipython": "shell",
    "len": "int",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "repr": "str",
    "format": "str",
    "bytes": "bytes",
    "chr": "str",
    "ord": "int",
    "hash": "int",
    "id": "int",
    "bin": "str",
    "hex": "str",
    "round": "",
    "isinstance": "bool",
    "issubclass": "bool",
    "callable": "bool",
    "hasattr": "bool",
    "any": "bool",
    "all": "bool",
    "type": "type",
    "range": "range",
    "print": "none",
    "display": "none",
    "pathlib.Path": "path",
    "dataclasses.field": "",
    "json.dumps": "str",
    "random.random": "float",
    "random.randint": "int",
    "random.uniform": "float",
}
_NUMERIC = re.compile(
    r"(math|time|statistics)\.\w+"
    r"|sklearn\.metrics\.\w*(score|error|loss|auc|deviance|coef)"
    r"|os\.(path\.)?(join|basename|dirname|getcwd|getenv|abspath|exists|isfile|isdir"
    r"|getpid|cpu_count|splitext|getsize|isabs|normpath|relpath|fspath)"
    r"|datetime\.(date|datetime|timedelta|time)(\.\w+)?"
    r"|pandas\.(Timestamp|Timedelta|to_timedelta|isna|isnull)|string\.\w+"
    r"|decimal\.Decimal|fractions\.Fraction|uuid\.\w+|textwrap\.\w+|sys\.getsizeof"
    r"|sklearn\.metrics\.classification_report|platform\.\w+|secrets\.\w+"
    r"|numpy\.(float|int|uint|bool|str)\w*|base64\.\w+|logging\.(info|debug|warning"
    r"|error|critical|exception|getLevelName)|warnings\.\w+|re\.(sub|match|search"
    r"|fullmatch|compile|escape)|operator\.(add|mul|itemgetter|attrgetter|sub)"
    r"|functools\.(wraps|lru_cache|cache)|os\.(makedirs|mkdir|remove|rename|chdir)"
)
"""Functions whose result cannot be changed in place."""

OPENERS = words(
    "open io.open gzip.open bz2.open lzma.open io.StringIO io.BytesIO codecs.open "
    "tempfile.TemporaryFile tempfile.NamedTemporaryFile"
)
"""Functions that give a file."""

NEW_FIGURES = frozenset({"matplotlib.pyplot.figure", "matplotlib.pyplot.subplots"})
"""Functions that do not draw on the figure that is there."""

NEW_FROM_CALLS = words("pandas numpy sklearn scipy statistics")

_FORMULAS = re.compile(
    r"statsmodels\.formula\.api\.\w+|statsmodels\..*\.(ar|ardl)_select_order"
)
"""Functions that make a model, or hold some."""

_ESTIMATORS = words("sklearn imblearn")
_PIPELINES = words("Pipeline make_pipeline FeatureUnion make_union")


def is_known(path: str) -> bool:
    """Tell whether a function is of a package whose functions leave arguments alone."""
    return path.partition(".")[0] in _KNOWN


def shares(path: str) -> bool:
    """Tell whether what a known function gives may share with its arguments."""
    if _SHARING.fullmatch(path) or _FORMULAS.fullmatch(path):
        return True
    name = path.rpartition(".")[2]
    # An instance of a class keeps what it is made from.
    return "." in path and name[:1].isupper() and not _NO_HOLD.fullmatch(path)


def made_by(path: str) -> tuple[str, bool]:
    """Return the type of what a known function gives, and whether it can change."""
    if path in _IMMUTABLE:
        return _IMMUTABLE[path], path == "round"
    if path in _TYPES:
        return _TYPES[path], True
    if _NUMERIC.fullmatch(path):
        return "number" if not path.startswith("os") else "str", False
    root, _, rest = path.partition(".")
    name = path.rpartition(".")[2]
    if root == "pandas" and name.startswith("read_"):
        return "dataframe" if name not in ("read_excel", "read_html") else "", True
    if root in _ESTIMATORS and name in _PIPELINES:
        return "pipeline", True
    if (root in _ESTIMATORS and name[:1].isupper()) or name in (
        "make_column_transformer",
        "XGBClassifier",
        "XGBRegressor",
        "LGBMClassifier",
        "LGBMRegressor",
        "CatBoostClassifier",
        "CatBoostRegressor",
    ):
        return "estimator", True
    if root == "skimage" and name[:1].isupper():
        return "remembering", True
    if root == "sklearn" and name.startswith("make_"):
        return "splits", True
    if root == "numpy" and rest:
        return "ndarray", True
    return "", True
