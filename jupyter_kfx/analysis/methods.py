"""What methods do: whether they change their receiver, what their result shares.

By the type of the receiver where it is known, else by names that mean the same
everywhere.
"""

from __future__ import annotations

from jupyter_kfx.analysis.words import words

__all__ = [
    "CHANGING_PREFIXES",
    "DEEP",
    "DRAWING_OWN_DATA",
    "HOLDING",
    "MUTATING",
    "MUTATING_BY_TYPE",
    "OF_MODELS",
    "PLAIN_ATTRIBUTES",
    "PURE_DECORATORS",
    "READING",
    "READING_PREFIXES",
    "REMEMBERING",
    "SHARING",
    "TEXT_WITH_NAMES",
]


PURE_DECORATORS = words(
    "staticmethod classmethod property cached_property abstractmethod setter deleter "
    "getter lru_cache cache wraps total_ordering dataclass contextmanager "
    "asynccontextmanager overload final override runtime_checkable unique jit njit "
    "vectorize singledispatch no_grad inference_mode cuda_jit no_type_check"
)
"""Decorators that leave a function or a class what it is."""

PLAIN_ATTRIBUTES = words(
    "shape size ndim dtype dtypes empty name __name__ __doc__ __module__ nbytes "
    "itemsize is_unique is_monotonic_increasing year month day hour minute second "
    "suffix stem n_features_in_ n_iter_ real_name args errno"
)
"""Attributes that cannot be changed in place, whatever the object."""

_AXES = words(
    "plot scatter bar barh hist hist2d boxplot violinplot imshow matshow pcolormesh "
    "pcolor contour contourf fill fill_between fill_betweenx errorbar step stem pie "
    "quiver streamplot hexbin eventplot stackplot axhline axvline axhspan axvspan "
    "axline annotate text legend grid set set_title set_xlabel set_ylabel set_zlabel "
    "set_xlim set_ylim set_xticks set_yticks set_xticklabels set_yticklabels "
    "set_xscale set_yscale set_aspect set_axis_off set_axis_on axis tick_params "
    "set_visible set_facecolor set_prop_cycle add_patch add_artist add_line "
    "add_collection add_image invert_yaxis invert_xaxis margins autoscale "
    "autoscale_view relim cla clear twinx twiny secondary_xaxis bar_label table "
    "plot_surface plot_wireframe view_init inset_axes loglog semilogx semilogy "
    "spy vlines hlines broken_barh clabel ticklabel_format locator_params minorticks_on"
)
_FIGURE = words(
    "suptitle supxlabel supylabel tight_layout add_subplot add_axes add_gridspec "
    "colorbar subplots subplots_adjust set_size_inches set_dpi legend text clf clear "
    "autofmt_xdate align_ylabels align_xlabels set_facecolor subplot_mosaic gca "
    "add_trace update_layout update_traces update_xaxes update_yaxes add_annotation "
    "add_hline add_vline set_tight_layout set_layout_engine delaxes subfigures"
)
_LIST = words("append extend insert remove pop clear sort reverse __setitem__")
_SET = words(
    "add discard remove pop clear update difference_update intersection_update "
    "symmetric_difference_update"
)
_DICT = words(
    "update pop popitem clear setdefault subtract move_to_end __setitem__ __delitem__"
)
_ESTIMATOR = words(
    "fit fit_transform fit_predict partial_fit set_params set_output fit_resample "
    "set_fit_request warm_start steps"
)

MUTATING_BY_TYPE: dict[str, frozenset[str]] = {
    "dataframe": words("insert pop update __setitem__"),
    "series": words("update pop __setitem__"),
    "index": words(""),
    "groupby": words(""),
    "ndarray": words("sort fill resize put itemset partition setflags"),
    "list": _LIST,
    "tuple": words(""),
    "dict": _DICT,
    "set": _SET,
    "deque": _LIST | words("appendleft extendleft popleft rotate"),
    "estimator": _ESTIMATOR,
    "pipeline": _ESTIMATOR,
    "generator": words(
        "random normal uniform integers choice standard_normal permutation shuffle "
        "permuted binomial poisson exponential beta gamma multivariate_normal randint "
        "randrange sample gauss rand randn random_sample choices betavariate seed "
        "lognormal geometric multinomial dirichlet bytes triangular laplace weibull "
        "setstate jumped spawn standard_t chisquare logistic"
    ),
    "axes": _AXES,
    "figure": _FIGURE,
    "file": words(
        "write writelines close seek readline readlines read flush truncate readinto"
    ),
    "generator-object": words("send throw close __next__"),
}
"""For an object of a known type, the methods that change it; the others do not."""

REMEMBERING = words("remembering")
"""Types whose objects keep something of whatever they are asked."""

OF_MODELS = words(
    "fit fit_regularized fit_constrained fit_map get_prediction get_forecast smooth filter "
    "extend append apply clone get_influence get_margeff"
)
"""Methods of models whose result holds the model."""

MUTATING = (
    (_LIST | _SET | _DICT | _ESTIMATOR | _AXES | _FIGURE)
    | MUTATING_BY_TYPE["file"]
    | MUTATING_BY_TYPE["deque"]
    | words(
        "resize put itemset send throw __next__ __setitem__ __delitem__ __setattr__ "
        "__iadd__ seed setstate shuffle zero_grad step backward train "
        "load_state_dict requires_grad_ add_node add_nodes_from add_edge "
        "add_edges_from remove_node remove_edge remove_nodes_from remove_edges_from "
        "add_weighted_edges_from register_forward_hook add_module compile put_nowait "
        "execute executemany commit rollback append_row load_weights fit_generator "
        "acquire release increment"
    )
)
"""Methods that change their receiver, whatever its type."""

DRAWING_OWN_DATA = words("plot hist boxplot")
"""Methods that, given no data, draw their receiver's: those of frames, not of axes."""

DEEP = words("step backward zero_grad train load_state_dict load_weights fit_generator")
"""Methods that change what the receiver holds, too."""

HOLDING = words(
    "append add insert extend update setdefault appendleft extendleft put push "
    "__setitem__ set_params add_node add_nodes_from add_edge add_edges_from "
    "register add_module put_nowait add_artist add_patch add_line add_collection "
    "append_row add_trace set"
)
"""Methods that let the receiver hold its arguments."""

READING = words(
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
    "isalnum isspace isnumeric casefold partition rpartition removeprefix "
    "removesuffix translate expandtabs format_map index "
    "predict predict_proba predict_log_proba score "
    "decision_function get_params inverse_transform get_feature_names_out "
    "kneighbors score_samples staged_predict reshape ravel flatten transpose dot "
    "item any all argmax argmin argsort nonzero prod ptp trace diagonal repeat take "
    "squeeze swapaxes view tobytes searchsorted conj union intersection "
    "difference symmetric_difference issubset issuperset isdisjoint most_common "
    "elements total strftime strptime isoformat timestamp date time weekday group "
    "groups groupdict span match search findall fullmatch finditer subn sub "
    "nodes edges neighbors degree number_of_nodes number_of_edges has_edge has_node "
    "subgraph to_undirected to_directed adjacency successors predecessors "
    "cpu detach numpy size dim "
    "get_legend_handles_labels get_figure get_xlim get_ylim get_title savefig "
    "hexdigest digest as_tuple is_integer bit_length conjugate "
    "cat dt str year_month total_seconds normalize floor ceil lookup xs at_time "
    "between_time first last nth ngroups cumcount get_group swaplevel droplevel "
    "add_prefix add_suffix combine_first compare divide mul div mod floordiv add_ "
    "radd rsub rmul rdiv truediv lt gt le ge eq ne exists is_file is_dir "
    "with_suffix with_name resolve relative_to as_posix parameters named_parameters "
    "state_dict swapcase todense toarray tocsr tocsc tocoo "
    "getnnz getrow getcol _repr_html_ cache_info hist boxplot plot scatter_matrix "
    "dayofweek day_name month_name slice contains extract get_dummies cumulative "
    "to_csv to_parquet to_excel to_json to_pickle to_sql to_feather to_hdf to_records "
    "to_clipboard write_html write_image to_image show summary params_ conf_int "
    "forecast get_prediction get_forecast read_text read_bytes write_text "
    "write_bytes mkdir unlink touch iterdir glob rglob stat open expanduser absolute "
    "json text raise_for_status iter_content isocalendar ordinal astimezone "
    "hour minute second utcoffset bind_ cross sqrt log exp eval_ntree mT "
    "fetchall fetchone fetchmany asfreq asof autocorr convert_dtypes divmod "
    "dst eval extractall factorize first_valid_index last_valid_index identical "
    "infer_objects isoweekday kurt kurtosis skew sem multiply subtract pad pow product "
    "rename_axis reorder_levels reindex_like set_axis set_names slice_replace "
    "sortlevel snap truncate toordinal timetuple tzname wrap select nearest ohlc "
    "ngroup case_when combine compress argpartition byteswap hex maketrans rindex "
    "isascii isdecimal isidentifier isprintable istitle as_integer_ratio ctime "
    "fromisoformat fromordinal fromtimestamp today now utcnow strptime len "
    "map_elements filter_ with_columns lazy collect "
    "cov_params summary2 summary_frame f_test t_test wald_test"
)
"""Methods that change nothing, whatever the type of their receiver."""

READING_PREFIXES = (
    "get_",
    "is_",
    "has_",
    "to_",
    "as_",
    "from_",
    "num_",
    "plot_",
    "predict_",
)
CHANGING_PREFIXES = (
    "set_",
    "add_",
    "remove_",
    "delete_",
    "update_",
    "append_",
    "insert_",
    "register_",
    "clear_",
)
"""Beginnings of the names of methods that no table knows, by what they do."""

SHARING = words(
    "reshape ravel transpose view squeeze swapaxes items keys values get setdefault "
    "pop popitem popleft diagonal to_numpy parameters named_parameters state_dict "
    "detach numpy subgraph fit set_params nodes edges __getitem__ __iter__ "
    "get_figure add_subplot subplots get_group children modules named_steps "
    "most_common elements twinx twiny gca copy add_axes set_output partial_fit "
    "train eval to cuda cpu double float half requires_grad_ view_as get_params"
)
"""Methods whose result may be or hold a part of their receiver."""

TEXT_WITH_NAMES = words(
    "query eval evaluate ols logit probit glm gls wls mixedlm poisson dmatrix dmatrices "
    "from_formula sqldf execute sql lmplot quantreg phreg ordinal_gee nominal_gee gee"
)
"""Calls that look up names of the caller in a text."""
