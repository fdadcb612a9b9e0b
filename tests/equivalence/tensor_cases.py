"""Notebooks with PyTorch: `pip install torch` and they are run, else skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.equivalence.kernel_cases import Case

__all__ = ["REFUSED", "SAME"]

SAME: dict[str, Case] = {
    "tensors and arrays of one memory": [
        "import torch\nimport numpy as np\n"
        "a = torch.zeros(3, 4)\nb = a[1]\nc = a.view(12)\nd = a.numpy()\n"
        "n = np.arange(4.0)\nt = torch.from_numpy(n)\nm = n[1:]",
        "b += 1\nt[2] = 9",
        "d[0, 0] = 5\nm[0] = 7\nprint(a, c, n, t)",
        "c[-1] = 7\nprint(a, b, d, m, t.data_ptr() == n.ctypes.data)",
    ],
    "gradients of tensors": [
        "import torch\nx = torch.tensor([2.0], requires_grad=True)\n(x ** 2).backward()",
        "print(x.grad, x.is_leaf)",
        "x.grad.zero_()\n(x * 3).sum().backward()",
        "print(x.grad)\nx.grad = None",
        "print(x.grad)",
    ],
    "a tensor that was computed is read": [
        "import torch\nx = torch.tensor([2.0], requires_grad=True)\n"
        "loss = (x ** 2).sum()\nhalf = x / 2",
        "print(loss, loss.item(), half.detach(), loss.requires_grad, loss.is_leaf)",
        "print(loss, half)",
    ],
    "a model that is trained on from step to step": [
        "import torch\nfrom torch import nn\ntorch.manual_seed(0)\n"
        "X = torch.randn(64, 4)\ny = X.sum(1, keepdim=True)",
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.layers = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8),\n"
        "            nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))\n"
        "    def forward(self, x):\n        return self.layers(x)\nmodel = Net()",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)\n"
        "rates = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)",
        "def train(n):\n    for _ in range(n):\n        optimizer.zero_grad()\n"
        "        loss = nn.functional.mse_loss(model(X), y)\n        loss.backward()\n"
        "        optimizer.step()\n        rates.step()\n    return loss.item()\n"
        "print(train(3))",
        "print(train(3), rates.get_last_lr())",
        "optimizer.zero_grad()\nnn.functional.mse_loss(model(X), y).backward()",
        "optimizer.step()\nmodel.eval()\nprint(model(X).sum(), torch.rand(1))",
    ],
    "a shuffled loader": [
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "torch.manual_seed(3)\n"
        "loader = DataLoader(TensorDataset(torch.arange(10)), 4, shuffle=True)",
        "print(list(loader))",
        "g = torch.Generator().manual_seed(5)\nprint(list(loader), torch.rand(1))",
        "print(torch.rand(2, generator=g))",
        "print(torch.rand(2, generator=g), torch.initial_seed())",
    ],
    "hooks of modules": [
        "import torch\nseen = []\nlayer = torch.nn.Identity()\n"
        "hook = layer.register_forward_hook(lambda m, i, o: seen.append(o.sum()))",
        "r = layer(torch.ones(2))\nprint(seen)",
        "hook.remove()\nr = layer(torch.ones(2))\nprint(seen)",
    ],
    "settings of tensors": [
        "import torch\nwide = torch.float64",
        "torch.set_default_dtype(wide)",
        "print(torch.ones(2).dtype)\nn = 2\ntorch.set_printoptions(precision=n)",
        "torch.set_grad_enabled(False)",
        "x = torch.ones(2, requires_grad=True)\n"
        "print((x * 2).requires_grad, torch.tensor(3.14159))",
        "on = True\ntorch.use_deterministic_algorithms(on)",
        "print(torch.are_deterministic_algorithms_enabled())",
    ],
    "kinds of tensors": [
        "import torch\ns = torch.eye(3).to_sparse()\ne = torch.empty(0)\n"
        "h = torch.ones(2, dtype=torch.bfloat16)\nc = torch.tensor([1 + 2j])\n"
        "j = c.conj()\nT = torch.arange(6).view(2, 3).T\nb = torch.tensor([True])",
        "print(s, e, h, c, j, T, T.stride(), b, T.is_contiguous())",
        "T[0, 1] = 9\nprint(T, j.is_conj())",
        "print(T)",
    ],
}

REFUSED: dict[str, tuple[Case, str]] = {
    "a gradient through two steps": (
        [
            "import torch\nx = torch.tensor([2.0], requires_grad=True)\ny = x ** 2",
            "y.sum().backward()\nprint(x.grad)",
        ],
        "computed in another step",
    ),
    "a tensor with hooks": (
        [
            "import torch\nx = torch.ones(1, requires_grad=True)\n"
            "h = x.register_hook(lambda g: g * 2)",
            "(x * 1).sum().backward()\nprint(x.grad)",
        ],
        "a tensor with hooks",
    ),
}
