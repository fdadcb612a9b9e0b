"""Models of Keras, generators of Keras and TensorFlow; each cell is a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["SAME"]

_KERAS = (
    "import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras\n"
    "import numpy as np\nfrom keras.layers import Dense, Input\n"
    "keras.utils.set_random_seed(1)\nx = np.random.rand(20, 2)\ny = x.sum(1)\n"
)
_TENSORFLOW = "import tensorflow as tf\n"
_FIT = "verbose=0, shuffle=False)"

SAME: dict[str, Case] = {
    "a model that is trained on": [
        f"{_KERAS}m = keras.Sequential([Input((2,)), Dense(3), Dense(1)])\n"
        "m.compile('adam', 'mse')",
        f"h = m.fit(x, y, epochs=2, {_FIT}",
        "print(round(h.history['loss'][-1], 4), h.model is m)",
        f"m.fit(x, y, epochs=1, {_FIT}\nprint(m.history.history.keys())",
        "print(m.predict(x[:2], verbose=0).round(3), int(m.optimizer.iterations))",
    ],
    "models that share layers": [
        f"{_KERAS}i = Input((2,))\ne = Dense(2)(i)\no = Dense(1)(e)\n"
        "encoder, m = keras.Model(i, e), keras.Model(i, o)\nm.compile('sgd', 'mse')",
        f"m.fit(x, y, epochs=3, {_FIT}\nNone",
        "print(encoder.predict(x[:2], verbose=0).round(3))\n"
        "print(encoder.layers[1] is m.layers[1])",
    ],
    "names that Keras gives": [
        f"{_KERAS}m = keras.Sequential([Input((2,)), Dense(3)])",
        "d = Dense(2)\nprint(m.name, d.name, m.layers[0].name)",
        "m.add(d)\nprint([layer.name for layer in m.layers])",
    ],
    "a model of a class of the notebook": [
        f"{_KERAS}class M(keras.Model):\n    def __init__(self, **k):\n"
        "        super().__init__(**k)\n        self.d, self.n = Dense(1), []\n"
        "    def call(self, x):\n        return self.d(x)\nm = M()",
        "m.n.append(1)\nm.k = 3\nprint(tuple(m(x).shape))",
        "print(list(m.n), m.k, m.d.built)",
    ],
    "the generator that all of Keras shares": [
        f"{_KERAS}",
        "print(keras.ops.convert_to_numpy(keras.random.normal((2,))))",
        "print(keras.ops.convert_to_numpy(keras.random.normal((2,))))",
    ],
    "the generator of TensorFlow": [
        f"{_TENSORFLOW}tf.random.set_seed(42)",
        "a = tf.random.uniform([2]).numpy()\nprint(a)",
        "print(1)",
        "print(tf.random.normal([2]).numpy(), a)",
    ],
    "TensorFlow is imported in a step of its own": [
        "k = 1",
        f"{_TENSORFLOW}tf.random.set_seed(42)\na = tf.random.uniform([2]).numpy()",
        "print(k)",
        f"{_TENSORFLOW}print(tf.random.normal([2]).numpy(), a)",
    ],
    "operations of TensorFlow that have seeds of their own": [
        f"{_TENSORFLOW}tf.random.set_seed(4)",
        "print(tf.random.uniform([2], seed=7).numpy())",
        "d = tf.data.Dataset.range(6).shuffle(6, seed=3)\n"
        "d = list(map(int, d.as_numpy_iterator()))\nprint(d)",
    ],
}
