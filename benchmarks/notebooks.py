"""The notebooks that the benchmarks read and run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["chain", "eight_steps", "handover", "write"]

_EIGHT_STEPS = """
# [imports]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
# [pipeline-parameters]
seed = 7
share = 0.25
# [step:load]
rng = np.random.default_rng(seed)
df = pd.DataFrame(rng.normal(size=(500, 4)), columns=list("abcd"))
df["target"] = (df.a + df.b ** 2 > 1).astype(int)
# [step:clean prev:load]
df = df.dropna()
df["e"] = df.a * df.b
# [step:scale prev:clean]
X = df.drop(columns="target")
y = df["target"]
X = (X - X.mean()) / X.std()
# [step:split prev:scale]
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=share, random_state=seed)
# [step:forest prev:split]
forest = RandomForestClassifier(random_state=seed)
forest.fit(X_train, y_train)
forest_score = forest.score(X_test, y_test)
# [step:line prev:split]
line = LogisticRegression().fit(X_train, y_train)
line_score = line.score(X_test, y_test)
# [step:compare prev:forest prev:line]
scores = {"forest": forest_score, "line": line_score}
best = max(scores, key=scores.get)
print(best, scores[best])
# [step:plot prev:compare]
MAGICS
fig, ax = plt.subplots()
ax.bar(list(scores), list(scores.values()))
ax.set_title(f"best: {best}")
plt.show()
"""

_HANDOVER = """
# [step:make]
import time
import numpy as np
import pandas as pd
frame = pd.DataFrame(np.random.default_rng(0).random((ROWS, 10)))
print(time.time())
# [step:first]
import time
print(time.time())
print(frame.iloc[0, 0])
# [step:last]
import time
print(time.time())
print(frame.iloc[-1, -1])
"""


def eight_steps(magics: str) -> str:
    """Return a small classification in eight steps; `magics` stands above the plot."""
    return _EIGHT_STEPS.replace("MAGICS", magics)


def chain(length: int, more: str = "") -> str:
    """Return steps each of which adds to what the step above computed, and does more."""
    steps = (
        f"# [step:s_{number} prev:s_{number - 1}]\nx = x + {number}\n{more}"
        for number in range(1, length)
    )
    return f"# [step:s_0]\nx = 0\n{more}{''.join(steps)}"


def handover(rows: int) -> str:
    """Return a step that makes a frame and two that take a value from it.

    Each prints when it is done, or when it starts.
    """
    return _HANDOVER.replace("ROWS", str(rows))


def write(path: Path, text: str) -> None:
    """Write a notebook: a cell below each line that names its tags in brackets."""
    _, *parts = re.split(r"^# \[(.*)\]\n", text, flags=re.MULTILINE)
    document = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {"tags": tags.split()},
                "outputs": [],
                "source": source.strip(),
            }
            for number, (tags, source) in enumerate(
                zip(parts[::2], parts[1::2], strict=True)
            )
        ],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document), encoding="utf-8")
