import os
import subprocess
import sys

import pytest

_FORKED = """\
import os
import numpy
from sklearn.ensemble import HistGradientBoostingRegressor
from jupyter_kfx.runtime.openmp import use_no_threads

x = numpy.arange(4000.0).reshape(-1, 1)
model = HistGradientBoostingRegressor(max_iter=2).fit(x, x[:, 0])
child = os.fork()
if child == 0:
    use_no_threads()
    model.predict(x)
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""


def test_a_fork_of_a_process_with_threads_computes() -> None:
    pytest.importorskip("sklearn")
    done = subprocess.run(
        [sys.executable, "-c", _FORKED],
        env={**os.environ, "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "0"
