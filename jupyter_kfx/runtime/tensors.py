"""Objects of PyTorch with all they have: memory, gradients, what is added to them.

Their own pickles forget gradients and hooks, and share no memory with arrays.
"""

from __future__ import annotations

import functools
import importlib
import pickle
import sys
import types
import weakref
from typing import Any

from .exits import VALUES, RefusedError
from .opened import NotRecreatedError

__all__ = ["is_storage", "memory_of", "set_settings", "settings", "taken_apart"]

_PRINTING = ("precision", "threshold", "edgeitems", "linewidth", "sci_mode")
_ELSEWHERE = (
    "the tensor was computed in another step, and its gradient cannot be followed "
    "there. Put the cells that compute it and the one that calls `backward` into one "
    "step."
)


def taken_apart(obj: Any) -> tuple | None:
    """Return how an object of PyTorch is rebuilt, as of `__reduce__`; none for others.

    NotRecreatedError if it has what cannot be kept.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "UntypedStorage"):
        return None
    if isinstance(obj, torch.Tensor):
        return _tensor(obj, torch)
    if is_storage(obj):
        return _stored, (pickle.PickleBuffer(memory_of(obj)),)
    optim: Any = sys.modules.get("torch.optim")
    if optim is not None and isinstance(obj, optim.Optimizer):
        return _optimizer(obj)
    return None


def is_storage(obj: Any) -> bool:
    """Tell whether an object is the memory of tensors, where arrays may be too."""
    torch: Any = sys.modules.get("torch")
    storage = getattr(torch, "UntypedStorage", None)
    return storage is not None and isinstance(obj, storage) and obj.device.type == "cpu"


def memory_of(storage: Any) -> Any:
    """Return the memory of a storage as an array of bytes."""
    torch: Any = sys.modules["torch"]
    return torch.empty(0, dtype=torch.uint8).set_(storage).numpy()


def _stored(buffer: Any) -> Any:
    torch: Any = importlib.import_module("torch")
    if not memoryview(buffer).nbytes:
        return torch.UntypedStorage(0)
    return torch.frombuffer(buffer, dtype=torch.uint8).untyped_storage()


def _tensor(tensor: Any, torch: Any) -> tuple | None:
    if tensor._backward_hooks or getattr(tensor, "_post_accumulate_grad_hooks", None):
        raise NotRecreatedError("a tensor with hooks")
    computed = tensor.grad_fn
    if computed is not None and tensor.retains_grad:
        raise NotRecreatedError("a computed tensor that retains its gradient")
    if not _is_plain(tensor, torch):
        if computed is not None or (tensor.is_leaf and tensor.grad is not None):
            raise NotRecreatedError("a tensor of its own kind that has a gradient")
        return None
    parts = (
        tensor.untyped_storage(), str(tensor.dtype).partition(".")[2],
        tensor.storage_offset(), tuple(tensor.shape), tensor.stride(),
    )  # fmt: skip
    if computed is not None:
        state = (None, tensor.__dict__)
        return _computed, (_name(computed), *parts), state, None, None, _finish
    made = (type(tensor).__name__, tensor.requires_grad, *parts)
    return _leaf, made, (tensor.grad, tensor.__dict__), None, None, _finish


def _is_plain(tensor: Any, torch: Any) -> bool:
    return bool(
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.device.type == "cpu"
        and tensor.layout == torch.strided
        and not (tensor.is_quantized or tensor.is_conj() or tensor.is_neg())
        and not any(getattr(tensor, "names", ()))
    )


def _leaf(kind: str, requires_grad: bool, *parts: Any) -> Any:
    torch: Any = importlib.import_module("torch")
    made = _placed(*parts)
    if kind == "Parameter":
        return torch.nn.Parameter(made, requires_grad)
    return made.requires_grad_(requires_grad)


def _placed(storage: Any, dtype: str, offset: int, shape: tuple, stride: tuple) -> Any:
    torch: Any = importlib.import_module("torch")
    empty = torch.empty(0, dtype=getattr(torch, dtype))
    return empty.set_(storage, offset, shape, stride)


def _finish(tensor: Any, state: tuple) -> None:
    gradient, attributes = state
    if gradient is not None:
        tensor.grad = gradient
    tensor.__dict__.update(attributes)


def _name(computed: Any) -> str:
    name = type(computed).__name__
    return computed.name().rpartition("::")[2] if name == "CppFunction" else name


def _computed(name: str, *parts: Any) -> Any:
    """Return a tensor that was computed from others, and says so if it is asked how."""
    torch: Any = importlib.import_module("torch")

    def forward(_context: Any, _anchor: Any) -> Any:
        return _placed(*parts)

    def backward(_context: Any, *_gradients: Any) -> Any:
        raise RefusedError(_ELSEWHERE, VALUES)

    members = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    function: Any = types.new_class(
        name, (torch.autograd.Function,), {}, lambda space: space.update(members)
    )
    function._backward_cls.__name__ = name
    with torch.enable_grad():
        return function.apply(torch.empty(0, requires_grad=True))


def _optimizer(optimizer: Any) -> tuple:
    """Return it with all its attributes, of which its own pickle keeps three."""
    attributes = dict(vars(optimizer))
    is_counted = hasattr(attributes.get("step"), "_wrapped_by_lr_sched")
    if is_counted:
        del attributes["step"]
    kind = type(optimizer)
    state = (attributes, is_counted)
    return object.__new__, (kind,), state, None, None, _finish_optimizer


def _finish_optimizer(optimizer: Any, state: tuple) -> None:
    attributes, is_counted = state
    optimizer.__dict__.update(attributes)
    optimizer._patch_step_function()
    if is_counted:
        optimizer.step = _counted(optimizer)


def _counted(optimizer: Any) -> Any:
    """Return its `step` as a scheduler of learning rates has wrapped it."""
    step = type(optimizer).step
    there = weakref.ref(optimizer)

    @functools.wraps(step)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        found: Any = there()
        found._opt_called = True
        return step(found, *arguments, **options)

    wrapper._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    return wrapper


def settings() -> dict[str, Any]:
    """Return what holds for all tensors that are made."""
    torch: Any = sys.modules["torch"]
    printing = torch._tensor_str.PRINT_OPTS
    return {
        "dtype": str(torch.get_default_dtype()).partition(".")[2],
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "deterministic": (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        ),
        "printing": {name: getattr(printing, name) for name in _PRINTING},
    }


def set_settings(state: dict[str, Any]) -> None:
    """Bring settings back, those that differ."""
    torch: Any = sys.modules["torch"]
    there = settings()
    changed = {key for key, value in state.items() if there[key] != value}
    if "dtype" in changed:
        torch.set_default_dtype(getattr(torch, state["dtype"]))
    if "gradients" in changed:
        torch.set_grad_enabled(state["gradients"])
    if "threads" in changed:
        torch.set_num_threads(state["threads"])
    if "deterministic" in changed:
        mode, warns = state["deterministic"]
        torch.use_deterministic_algorithms(mode, warn_only=warns)
    if "printing" in changed:
        torch.set_printoptions(**state["printing"])
