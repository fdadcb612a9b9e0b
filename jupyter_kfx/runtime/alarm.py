"""A filter of warnings that matches none, and notes that it was asked."""

from __future__ import annotations

import re
import warnings
from typing import Any

__all__ = ["Alarm", "filters"]


class Alarm:
    """Stands among the warnings filters where a text or a pattern would stand.

    What is warned of below a filter that matches has not asked for the rest of them.
    """

    pattern = "(?!)"
    flags = int(re.UNICODE)

    def __init__(self) -> None:
        self.heard = False
        """Whether something was warned of, to be seen or not."""

    def __reduce__(self) -> Any:
        """Be a pattern that matches nothing in other processes."""
        return re.compile, (self.pattern,)

    def match(self, _text: str) -> None:
        """Match nothing."""
        self.heard = True

    def listen(self) -> None:
        """Stand before all filters that there are."""
        own: Any = ("default", self, Warning, None, 0)
        there: Any = warnings.filters
        there.insert(0, own)
        getattr(warnings, "_filters_mutated", lambda: None)()


def filters() -> list[Any]:
    """Return the warnings filters but for alarms."""
    return [each for each in warnings.filters if not isinstance(each[1], Alarm)]
