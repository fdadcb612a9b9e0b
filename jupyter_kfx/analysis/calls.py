"""What known calls do: whether they change their arguments, and what they share.

Two questions per call. Does it change its receiver or an argument in place? Does its
result share mutable objects with them? A call that no table knows may do both.
"""

from __future__ import annotations

__all__ = [
    "FACTORY_TYPES",
    "FIRST_ARGUMENT_CHANGES",
    "IMMUTABLE",
    "KNOWN_MODULES",
    "MUTATING_METHODS",
    "PURE_BUILTINS",
    "READING_METHODS",
    "SHARING_BUILTINS",
    "SHARING_FUNCTIONS",
    "SHARING_METHODS",
    "TEXT_WITH_NAMES",
    "TYPE_MUTATING",
    "attribute_type",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IMMUTABLE = _words(
    "int float complex str bytes bool none number function module type range "
    "frozenset datetime path regex"
)
"""Types whose objects cannot be changed in place."""

PURE_BUILTINS = _words(
    "print len sum sorted list dict set tuple range str int float bool repr abs round "
    "any all isinstance issubclass type id hash callable hasattr format bytes chr ord "
    "bin hex oct divmod pow complex frozenset ascii help display object slice "
    "bytearray memoryview super property staticmethod classmethod"
)
SHARING_BUILTINS = _words(
    "min max iter map filter zip enumerate reversed getattr anext aiter"
)
"""Pure, with a result that may be or hold a part of an argument."""

FIRST_ARGUMENT_CHANGES = _words(
    "next setattr delattr random.shuffle numpy.random.shuffle numpy.put numpy.copyto "
    "numpy.place numpy.putmask numpy.fill_diagonal numpy.put_along_axis heapq.heappush "
    "heapq.heappop heapq.heapify heapq.heapreplace heapq.heappushpop bisect.insort "
    "bisect.insort_left bisect.insort_right operator.setitem operator.delitem "
    "operator.iadd numpy.ndarray.sort torch.nn.init.xavier_uniform_ plt.sca "
    "object.__setattr__"
)
"""Functions that change their first argument and nothing else."""

KNOWN_MODULES = _words(
    "numpy pandas sklearn scipy matplotlib seaborn math cmath statistics json os sys "
    "re time datetime random copy itertools functools collections operator string "
    "textwrap pathlib typing dataclasses enum abc decimal fractions hashlib base64 "
    "pprint warnings logging platform glob shutil tempfile io csv uuid bisect heapq "
    "inspect types numbers calendar zlib gzip struct contextlib asyncio statsmodels "
    "IPython plotly PIL skimage requests urllib subprocess sqlite3 pickle tqdm "
    "networkx yaml secrets getpass locale array traceback gc unittest xml html "
    "pkgutil importlib threading multiprocessing concurrent queue socket timeit"
)
"""Packages whose functions do not change their arguments, but for those listed."""

SHARING_FUNCTIONS = _words(
    "numpy.asarray numpy.asanyarray numpy.ravel numpy.reshape numpy.transpose "
    "numpy.squeeze numpy.expand_dims numpy.atleast_1d numpy.atleast_2d numpy.swapaxes "
    "numpy.moveaxis numpy.broadcast_to numpy.split numpy.array_split numpy.diagonal "
    "numpy.lib.stride_tricks.sliding_window_view numpy.lib.stride_tricks.as_strided "
    "numpy.ma.array numpy.ma.masked_array numpy.frombuffer torch.from_numpy "
    "torch.as_tensor "
    "sklearn.pipeline.Pipeline sklearn.pipeline.make_pipeline "
    "sklearn.pipeline.FeatureUnion itertools.chain itertools.cycle itertools.islice "
    "itertools.tee itertools.zip_longest itertools.groupby itertools.starmap "
    "collections.deque collections.ChainMap collections.UserDict functools.partial "
    "functools.reduce copy.copy types.SimpleNamespace types.MappingProxyType "
    "tqdm.tqdm tqdm.auto.tqdm tqdm.notebook.tqdm dataclasses.replace operator.getitem "
    "itertools.accumulate itertools.filterfalse itertools.takewhile "
    "itertools.dropwhile itertools.compress itertools.batched itertools.pairwise "
    "torch.optim.Adam torch.optim.SGD torch.optim.AdamW torch.nn.Sequential "
    "torch.utils.data.DataLoader torch.utils.data.TensorDataset weakref.ref"
)
"""Functions whose result is or holds a part of an argument."""

TYPE_MUTATING: dict[str, frozenset[str]] = {
    "dataframe": _words("insert pop update"),
    "series": _words("update pop"),
    "ndarray": _words("sort fill resize put itemset partition setflags byteswap"),
    "list": _words("append extend insert remove pop clear sort reverse"),
    "dict": _words(
        "update pop popitem clear setdefault subtract move_to_end __setitem__"
    ),
    "set": _words(
        "add discard remove pop clear update difference_update intersection_update "
        "symmetric_difference_update"
    ),
    "estimator": _words(
        "fit fit_transform fit_predict partial_fit set_params set_output fit_resample "
        "warm_start set_fit_request"
    ),
}
"""For an object of a known type, the methods that change it; the others do not."""

MUTATING_METHODS = _words(
    "append extend insert remove pop popitem clear sort reverse update setdefault add "
    "discard appendleft extendleft popleft rotate fit fit_transform fit_predict "
    "partial_fit set_params fill resize put itemset write writelines close seek "
    "readline readlines read send throw __next__ __setitem__ __delitem__ __setattr__ "
    "difference_update intersection_update symmetric_difference_update move_to_end "
    "subtract seed setstate shuffle zero_grad step backward train eval load_state_dict "
    "requires_grad_ add_node add_nodes_from add_edge add_edges_from remove_node "
    "remove_edge remove_nodes_from remove_edges_from add_weighted_edges_from "
    "register_forward_hook add_module compile put_nowait set_output "
    "execute executemany commit plot scatter bar barh hist hist2d boxplot violinplot "
    "imshow pcolormesh contour contourf fill_between errorbar step stem pie quiver "
    "axhline axvline axhspan axvspan annotate text legend grid set_title set_xlabel "
    "set_ylabel set_xlim set_ylim set_xticks set_yticks set_xticklabels "
    "set_yticklabels set_xscale set_yscale set_aspect set_axis_off tick_params "
    "set_visible suptitle tight_layout add_subplot add_axes colorbar subplots_adjust "
    "add_patch add_artist add_line add_collection invert_yaxis invert_xaxis margins "
    "autoscale set_facecolor set_size_inches cla clf random normal uniform integers "
    "choice standard_normal permutation bit_generator"
) - _words("random choice uniform normal integers step eval plot hist boxplot text")
"""Methods that change their receiver, whatever its type."""

_GENERATOR = _words(
    "random normal uniform integers choice standard_normal permutation shuffle "
    "permuted binomial poisson exponential beta gamma multivariate_normal randint "
    "randrange sample gauss rand randn random_sample choices betavariate"
)
_AXES = _words("plot hist boxplot step text eventplot stackplot hexbin streamplot")
TYPE_MUTATING["generator"] = _GENERATOR
TYPE_MUTATING["axes"] = MUTATING_METHODS | _AXES
TYPE_MUTATING["figure"] = MUTATING_METHODS | _words("text subplots gca")

READING_METHODS = _words(
    "head tail describe info mean sum std var min max median mode count value_counts "
    "groupby agg aggregate apply applymap map filter transform sort_values sort_index "
    "reset_index set_index rename drop drop_duplicates dropna fillna ffill bfill "
    "astype copy merge join concat pivot pivot_table melt stack unstack isna notna "
    "isnull notnull duplicated unique nunique corr cov corrwith quantile rolling "
    "expanding ewm resample shift diff pct_change cumsum cumprod cummax cummin rank "
    "sample query assign pipe where mask isin between clip round abs explode nlargest "
    "nsmallest idxmax idxmin select_dtypes reindex interpolate to_frame to_dict "
    "to_list tolist to_numpy to_series to_string to_markdown to_html to_latex "
    "to_period to_timestamp to_datetime tz_localize tz_convert memory_usage equals "
    "iterrows itertuples items keys values get split rsplit splitlines strip lstrip "
    "rstrip lower upper title capitalize replace format startswith endswith find "
    "rfind encode decode zfill ljust rjust center isdigit isalpha isupper islower "
    "casefold partition rpartition predict predict_proba predict_log_proba score "
    "decision_function get_params inverse_transform get_feature_names_out "
    "kneighbors apply score_samples staged_predict reshape ravel flatten transpose dot "
    "item any all argmax argmin argsort nonzero prod ptp trace diagonal repeat take "
    "squeeze swapaxes view tobytes searchsorted conj index union intersection "
    "difference symmetric_difference issubset issuperset isdisjoint most_common "
    "elements total strftime strptime isoformat timestamp date time weekday group "
    "groups groupdict span match search findall fullmatch finditer sub subn "
    "nodes edges neighbors degree number_of_nodes number_of_edges has_edge has_node "
    "subgraph to_undirected to_directed adjacency cpu detach numpy size dim argmax "
    "get_legend_handles_labels get_figure get_xlim get_ylim get_title savefig "
    "hexdigest digest as_tuple is_integer bit_length conjugate "
    "cat dt str year_month total_seconds normalize floor ceil lookup xs at_time "
    "between_time first last nth size ngroups cumcount get_group swaplevel droplevel "
    "add_prefix add_suffix combine_first compare divide mul div mod floordiv "
    "radd rsub rmul rdiv truediv sub lt gt le ge eq ne join_all exists is_file is_dir "
    "with_suffix with_name resolve relative_to as_posix parameters named_parameters "
    "state_dict hist boxplot plot convert swapcase todense toarray tocsr tocsc tocoo "
    "getnnz getrow getcol min_count _repr_html_ cache_info"
)
"""Methods that change nothing, whatever the type of their receiver."""

SHARING_METHODS = _words(
    "reshape ravel transpose view squeeze swapaxes items keys values get setdefault "
    "pop popitem popleft diagonal to_numpy parameters named_parameters state_dict "
    "detach numpy subgraph fit set_params nodes edges __getitem__ __iter__ "
    "get_figure add_subplot subplots plot iterrows itertuples groupby get_group "
    "children modules named_steps loc iloc at iat flat"
)
"""Methods whose result may be or hold a part of their receiver."""

TEXT_WITH_NAMES = _words(
    "query eval evaluate ols logit probit glm gls wls mixedlm poisson dmatrix dmatrices "
    "from_formula sqldf execute sql lmplot"
)
"""Calls that look up names of the caller in a text."""

FACTORY_TYPES = {
    "pandas.DataFrame": "dataframe",
    "pandas.read_csv": "dataframe",
    "pandas.read_excel": "dataframe",
    "pandas.read_parquet": "dataframe",
    "pandas.read_json": "dataframe",
    "pandas.read_sql": "dataframe",
    "pandas.read_table": "dataframe",
    "pandas.concat": "dataframe",
    "pandas.merge": "dataframe",
    "pandas.get_dummies": "dataframe",
    "pandas.pivot_table": "dataframe",
    "pandas.crosstab": "dataframe",
    "pandas.Series": "series",
    "pandas.date_range": "index",
    "numpy.random.default_rng": "generator",
    "numpy.random.RandomState": "generator",
    "random.Random": "generator",
    "matplotlib.pyplot.figure": "figure",
    "matplotlib.pyplot.gca": "axes",
    "matplotlib.pyplot.subplot": "axes",
    "matplotlib.pyplot.gcf": "figure",
    "collections.Counter": "dict",
    "collections.OrderedDict": "dict",
    "collections.defaultdict": "dict",
    "collections.deque": "deque",
    "copy.deepcopy": "",
    "pathlib.Path": "path",
    "time.time": "float",
    "time.perf_counter": "float",
    "len": "int",
    "sum": "",
    "str": "str",
    "repr": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "list": "list",
    "sorted": "list",
    "dict": "dict",
    "set": "set",
    "round": "number",
    "abs": "",
    "tuple": "tuple",
    "range": "range",
    "isinstance": "bool",
    "hash": "int",
    "id": "int",
    "type": "type",
    "frozenset": "frozenset",
}
"""The type of what a call gives."""

_FRAME_FRAME = _words(
    "head tail describe sort_values sort_index reset_index set_index rename drop "
    "drop_duplicates dropna fillna ffill bfill astype copy merge join melt assign "
    "sample query where mask round clip select_dtypes reindex interpolate corr cov "
    "isna notna isnull pivot pivot_table stack unstack nlargest nsmallest explode"
)


def attribute_type(owner: str, name: str) -> str:
    """Return the type of what a method of a known type gives; empty if not known."""
    if owner == "dataframe" and name in _FRAME_FRAME:
        return "dataframe"
    if owner == "series" and name in _FRAME_FRAME:
        return "series"
    if owner == "dataframe" and name in ("mean", "sum", "std", "median", "min", "max"):
        return "series"
    if owner in ("str", "path"):
        lists = ("split", "rsplit", "splitlines")
        return "list" if name in lists else ("str" if owner == "str" else "")
    if owner == "ndarray":
        scalars = ("item", "tolist", "all", "any")
        return "" if name in scalars else "ndarray"
    if owner == "estimator" and name in ("fit", "set_params"):
        return "estimator"
    if owner == "estimator":
        return "float" if name == "score" else "ndarray"
    return "list" if name == "tolist" else ""
