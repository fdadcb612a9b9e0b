"""Which calls touch files, the network or the state of the process."""

from __future__ import annotations

import ast
import re

from jupyter_kfx.analysis.effects import Touch

__all__ = ["WRITING_METHODS", "of_call", "of_magic", "of_method", "of_store"]

_READERS = re.compile(
    r"pandas\.read_\w+|numpy\.(load|loadtxt|genfromtxt|fromfile|memmap)"
    r"|matplotlib\.(pyplot|image)\.imread|PIL\.Image\.open|joblib\.load"
    r"|os\.(listdir|scandir|walk|stat)"
    r"|os\.path\.(exists|isfile|isdir|getsize|getmtime)|glob\.i?glob"
    r"|linecache\.\w+|imageio\.imread|skimage\.io\.imread|torch\.load|pyarrow\.\w+\.read\w*"
)
_WRITERS = re.compile(
    r"numpy\.(save|savez|savez_compressed|savetxt)|joblib\.dump|torch\.save"
    r"|matplotlib\.pyplot\.(savefig|imsave)|shutil\.\w+|os\.(makedirs|mkdir|remove"
    r"|unlink|rename|replace|rmdir|removedirs|link|symlink|chmod|utime|truncate)"
    r"|sqlite3\.connect|pandas\.(ExcelWriter|HDFStore)|h5py\.File|zipfile\.ZipFile"
    r"|tarfile\.open|shelve\.open|imageio\.imwrite|skimage\.io\.imsave"
)
_NETWORK = re.compile(
    r"(requests|httpx|aiohttp|urllib\.request|http\.client|socket|ftplib|smtplib|boto3)"
    r"\.\w+(\.\w+)*"
)
_DOWNLOADS = re.compile(
    r"(requests|httpx)\.(get|head|options|Session)|urllib\.request\.(urlopen|Request)"
    r"|sklearn\.datasets\.fetch_\w+|seaborn\.load_dataset"
    r"|(torchvision|keras|tensorflow)\.datasets\.\w+(\.load_data)?"
)
"""Calls that only fetch: their order does not matter."""
_PROCESS = re.compile(r"subprocess\.\w+|os\.(system|popen|spawn\w*|exec\w*|fork)")
_SEEDS = frozenset({"seed", "setstate", "set_state", "set_bit_generator"})
_OF_KERAS = ("random", "numpy.random", "tensorflow.random")
_SEEDING = {
    "tensorflow.random.set_seed": ("tensorflow.random",),
    "tensorflow.set_random_seed": ("tensorflow.random",),
    "keras.utils.set_random_seed": _OF_KERAS,
    "tensorflow.keras.utils.set_random_seed": _OF_KERAS,
}
"""Calls that seed generators, by other names than those of their owners."""
_NOT_GLOBAL = frozenset(
    {
        "default_rng",
        "RandomState",
        "Generator",
        "SeedSequence",
        "PCG64",
        "MT19937",
        "Philox",
        "SFC64",
        "Random",
        "SystemRandom",
        "get_state",
        "getstate",
        "BitGenerator",
    }
)
_STATE = {
    "os.chdir": "cwd",
    "os.putenv": "environ",
    "os.unsetenv": "environ",
    "locale.setlocale": "locale",
    "decimal.setcontext": "decimal",
    "warnings.filterwarnings": "warnings",
    "warnings.simplefilter": "warnings",
    "warnings.resetwarnings": "warnings",
    "pandas.set_option": "pandas.options",
    "pandas.reset_option": "pandas.options",
    "numpy.set_printoptions": "numpy.printoptions",
    "numpy.seterr": "numpy.printoptions",
    "matplotlib.pyplot.style.use": "matplotlib.rcParams",
    "matplotlib.style.use": "matplotlib.rcParams",
    "matplotlib.rc": "matplotlib.rcParams",
    "matplotlib.pyplot.rc": "matplotlib.rcParams",
    "matplotlib.pyplot.rcdefaults": "matplotlib.rcParams",
    "matplotlib.pyplot.xkcd": "matplotlib.rcParams",
    "matplotlib.use": "matplotlib.rcParams",
    "seaborn.set": "matplotlib.rcParams",
    "seaborn.set_theme": "matplotlib.rcParams",
    "seaborn.set_style": "matplotlib.rcParams",
    "seaborn.set_context": "matplotlib.rcParams",
    "seaborn.set_palette": "matplotlib.rcParams",
    "logging.basicConfig": "logging",
    "logging.disable": "logging",
    "sys.setrecursionlimit": "sys",
    "torch.set_default_dtype": "torch.settings",
    "torch.set_grad_enabled": "torch.settings",
    "torch.set_num_threads": "torch.settings",
    "torch.set_printoptions": "torch.settings",
    "torch.use_deterministic_algorithms": "torch.settings",
}
_STORES = {
    "os.environ": "environ",
    "sys.path": "sys.path",
    "matplotlib.pyplot.rcParams": "matplotlib.rcParams",
    "matplotlib.rcParams": "matplotlib.rcParams",
    "matplotlib.pyplot.cm": "matplotlib.cm",
    "matplotlib.cm": "matplotlib.cm",
    "pandas.options": "pandas.options",
}
_UNSEEDED = re.compile(
    r"sklearn\.\w+\.(train_test_split|ShuffleSplit|StratifiedShuffleSplit|shuffle"
    r"|resample|RandomForest\w+|ExtraTrees\w+|GradientBoosting\w+|DecisionTree\w+"
    r"|KMeans|MiniBatchKMeans|MLP\w+|SGD\w+|TSNE|IsolationForest|Bagging\w+"
    r"|AdaBoost\w+|permutation_importance|RandomizedSearchCV)"
    r"|sklearn\.datasets\.make_\w+"
)
_TENSORS = re.compile(
    r"torch\.(rand|randn|randint|rand_like|randn_like|randint_like|randperm|normal"
    r"|bernoulli|multinomial|poisson)|torch\.nn\.init\.\w+"
    r"|torch\.nn\.(Linear|Bilinear|Conv\w+|Embedding\w*|LSTM\w*|GRU\w*|RNN\w*"
    r"|Transformer\w*|MultiheadAttention)"
)
"""Calls that draw from PyTorch's generator."""
READING_METHODS = frozenset(
    {"read_text", "read_bytes", "iterdir", "glob", "rglob", "is_file", "is_dir"}
)
WRITING_METHODS = frozenset(
    {
        "to_csv",
        "to_parquet",
        "to_excel",
        "to_pickle",
        "to_hdf",
        "to_feather",
        "to_sql",
        "to_stata",
        "savefig",
        "write_text",
        "write_bytes",
        "mkdir",
        "unlink",
        "touch",
        "rmdir",
        "save_model",
        "tofile",
        "dump",
        "to_file",
        "write_html",
        "write_image",
        "symlink_to",
        "hardlink_to",
    }
)


def _path(node: ast.Call, name: str | None = None) -> str | None:
    argument = node.args[0] if node.args else None
    for keyword in node.keywords:
        if keyword.arg in (name, "path", "fname", "filepath_or_buffer", "path_or_buf"):
            argument = keyword.value
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return None


def of_call(path: str, node: ast.Call) -> set[Touch]:
    """Return what calling a function of that dotted path touches."""
    if path in ("open", "io.open", "gzip.open", "bz2.open", "lzma.open"):
        return {Touch("files", _opens_for_writing(node), _path(node, "file"))}
    found: set[Touch] = set()
    if _READERS.fullmatch(path):
        found.add(Touch("files", writes=False, detail=_path(node)))
    elif _WRITERS.fullmatch(path):
        found.add(Touch("files", writes=True, detail=_written(path, node)))
    elif _DOWNLOADS.fullmatch(path):
        found.add(Touch("network", writes=False))
    elif _NETWORK.fullmatch(path):
        found.add(Touch("network", writes=True))
    elif _PROCESS.fullmatch(path):
        found |= _process()
    if path in _STATE:
        found.add(Touch(_STATE[path], writes=True))
    for owner, key in _STORES.items():
        if path.startswith(f"{owner}."):
            reads = path.rpartition(".")[2] in ("get", "items", "keys", "copy", "index")
            found.add(Touch(key, writes=not reads))
    return found | _randomness(path, node)


def _written(path: str, node: ast.Call) -> str | None:
    """Return the path that a call writes to, if it is a constant."""
    place = 1 if path in ("joblib.dump", "torch.save") else 0
    if path.startswith("shutil.") or path in ("os.rename", "os.replace", "os.link"):
        return None
    argument = node.args[place] if len(node.args) > place else None
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return str(argument.value) if is_text else None  # type: ignore[union-attr]


def _randomness(path: str, node: ast.Call) -> set[Touch]:
    for owner, key in (("numpy.random.", "numpy.random"), ("random.", "random")):
        name = path.removeprefix(owner)
        if path.startswith(owner) and "." not in name and name not in _NOT_GLOBAL:
            return {Touch(key, writes=True, detail="seed" if name in _SEEDS else None)}
    if path.startswith("torch.") and path.rpartition(".")[2] == "manual_seed":
        return {Touch("torch.random", writes=True, detail="seed")}
    if path in _SEEDING:
        return {Touch(key, writes=True, detail="seed") for key in _SEEDING[path]}
    if path.startswith("tensorflow.random."):
        return {Touch("tensorflow.random", writes=True)}
    if _TENSORS.fullmatch(path) and not any(
        k.arg == "generator" for k in node.keywords
    ):
        return {Touch("torch.random", writes=True)}
    if not path.rpartition(".")[2][:1].isupper() and is_unseeded(path, node):
        return {DRAW}
    return set()


def is_unseeded(path: str, node: ast.Call) -> bool:
    """Tell whether what a call makes draws from the global generator."""
    if not _UNSEEDED.fullmatch(path):
        return False
    given = [k.value for k in node.keywords if k.arg in ("random_state", None)]
    return not given or (isinstance(given[0], ast.Constant) and given[0].value is None)


DRAW = Touch("numpy.random", writes=True)


def _process() -> set[Touch]:
    return {Touch("subprocess", writes=True), Touch("files", writes=True)}


def _opens_for_writing(node: ast.Call) -> bool:
    mode: ast.expr | None = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
    if mode is None:
        return False
    if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
        return any(letter in mode.value for letter in "wax+")
    return True


def of_method(name: str, node: ast.Call, owner: str = "") -> set[Touch]:
    """Return what calling a method of that name touches, by the type of its owner."""
    if owner in ("list", "dict", "set", "str", "int", "float", "tuple", "number"):
        return set()
    if name in WRITING_METHODS:
        if name == "to_csv" and not node.args and not node.keywords:
            return set()
        return {Touch("files", writes=True, detail=_path(node))}
    if name in READING_METHODS:
        return {Touch("files", writes=False)}
    if name == "sample" and not any(
        k.arg in ("random_state", "seed") for k in node.keywords
    ):
        return {DRAW}
    return set()


def of_store(path: str) -> set[Touch]:
    """Return what storing to an attribute or item below a dotted path touches."""
    for owner, key in _STORES.items():
        if path == owner or path.startswith(f"{owner}."):
            return {Touch(key, writes=True)}
    return set()


_MAGIC = {
    "cd": "cwd",
    "pushd": "cwd",
    "popd": "cwd",
    "env": "environ",
    "set_env": "environ",
}


def of_magic(name: str, line: str) -> set[Touch]:
    """Return what a line or cell magic touches."""
    if name == "env" and not line.strip():
        return set()
    if name in _MAGIC:
        return {Touch(_MAGIC[name], writes=True)}
    if name in ("writefile", "file"):
        return {
            Touch(
                "files",
                writes=True,
                detail=line.rsplit(maxsplit=1)[-1] if line else None,
            )
        }
    if name in (
        *(
            "bash",
            "sh",
            "script",
            "system",
            "sx",
            "perl",
            "ruby",
            "cmd",
            "pip",
            "conda",
        ),
        *("python", "python3", "pypy", "mamba", "uv", "ls", "mkdir", "rm", "cp", "mv"),
        *("cat", "rmdir", "ll", "less", "more", "man", "js", "javascript"),
    ):
        return _process()
    return set()
