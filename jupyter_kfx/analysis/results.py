"""Types of what methods give, by the type of their receiver."""

from __future__ import annotations

from jupyter_kfx.analysis.words import words

__all__ = ["result_type"]

_FRAME = words(
    "head tail describe sort_values sort_index reset_index set_index rename drop "
    "drop_duplicates dropna fillna ffill bfill astype copy merge join melt assign "
    "sample query where mask round clip select_dtypes reindex interpolate corr cov "
    "isna notna isnull notnull pivot pivot_table stack unstack nlargest nsmallest "
    "explode shift diff pct_change cumsum rank add_prefix add_suffix applymap replace "
    "abs combine_first eq ne lt gt le ge isin transform map apply aggregate agg"
)
_REDUCTIONS = words(
    "mean sum std var median min max count nunique quantile mode prod idxmax idxmin "
    "any all skew kurt sem item score"
)

_RESULTS: dict[str, dict[str, str]] = {
    "dataframe": {
        "groupby": "groupby",
        "rolling": "groupby",
        "resample": "groupby",
        "to_numpy": "ndarray",
        "to_dict": "dict",
        "to_string": "str",
        "to_html": "str",
        "plot": "axes",
        "hist": "",
        "boxplot": "axes",
        "isna": "dataframe",
        "iterrows": "splits",
        "itertuples": "splits",
        "items": "splits",
    },
    "series": {
        "groupby": "groupby",
        "rolling": "groupby",
        "resample": "groupby",
        "to_numpy": "ndarray",
        "to_dict": "dict",
        "unique": "ndarray",
        "tolist": "list",
        "to_list": "list",
        "to_frame": "dataframe",
        "value_counts": "series",
        "plot": "axes",
        "hist": "axes",
        "items": "splits",
    },
    "ndarray": {"tolist": "list", "item": "number", "sum": "", "mean": "", "max": ""},
    "estimator": {
        "fit": "estimator",
        "set_params": "estimator",
        "score": "float",
        "predict": "ndarray",
        "predict_proba": "ndarray",
        "transform": "ndarray",
        "fit_transform": "ndarray",
        "fit_predict": "ndarray",
        "decision_function": "ndarray",
        "get_params": "dict",
    },
    "str": {"split": "list", "rsplit": "list", "splitlines": "list"},
    "dict": {"copy": "dict", "items": "list", "keys": "list", "values": "list"},
    "list": {"copy": "list", "index": "int", "count": "int"},
    "set": {"copy": "set", "union": "set", "intersection": "set", "difference": "set"},
}
_RESULTS["pipeline"] = {**_RESULTS["estimator"], "fit": "pipeline"}


def result_type(owner: str, name: str) -> str | None:
    """Return the type of what a method of a known type gives; none if not known."""
    if name in ("groupby", "rolling", "resample", "expanding", "ewm"):
        return "groupby"
    known = _RESULTS.get(owner, {}).get(name)
    if known is not None:
        return known
    if owner in ("dataframe", "series") and name in _FRAME:
        return owner
    if owner == "dataframe" and name in _REDUCTIONS:
        return "series"
    if owner == "series" and name in _REDUCTIONS:
        return "number"
    if owner == "groupby":
        return ""
    if owner == "ndarray":
        return "ndarray"
    if owner in ("str", "bytes"):
        return owner
    return None
