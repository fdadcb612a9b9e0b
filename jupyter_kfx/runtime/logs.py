"""The configuration of `logging`, so that another process can take it over."""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["attached", "capture", "place_of", "restore"]


def capture() -> dict[str, Any]:
    """Return what was set on loggers, and their handlers once each.

    Libraries give their loggers a NullHandler and nothing more: those are left out.
    """
    handlers: list[logging.Handler] = []
    loggers = {}
    for name, logger in _loggers().items():
        own = [h for h in logger.handlers if type(h) is not logging.NullHandler]
        plain = (logger.level, logger.propagate, logger.disabled) == (0, True, False)
        if plain and not own and not logger.filters:
            continue
        places = []
        for handler in own:
            if not any(handler is known for known in handlers):
                handlers.append(handler)
            places.append(next(i for i, h in enumerate(handlers) if h is handler))
        loggers[name] = (
            logger.level,
            logger.propagate,
            logger.disabled,
            list(logger.filters),
            places,
        )
    return {
        "loggers": loggers,
        "handlers": [(type(h), _state(h)) for h in handlers],
        "warnings": _takes_warnings(),
        "disable": logging.root.manager.disable,
        "names": dict(logging._levelToName),
    }


def restore(state: dict[str, Any]) -> None:
    """Configure the loggers as they were."""
    handlers = [_handler(kind, parts) for kind, parts in state["handlers"]]
    for name, logger in _loggers().items():
        if name not in state["loggers"]:
            logger.handlers = [
                h for h in logger.handlers if type(h) is logging.NullHandler
            ]
            logger.filters = []
            logger.propagate, logger.disabled = True, False
            logger.setLevel(logging.NOTSET)
    for name, (level, propagate, disabled, filters, places) in state["loggers"].items():
        logger = logging.getLogger(name or None)
        logger.handlers = [handlers[place] for place in places]
        logger.filters = filters
        logger.propagate, logger.disabled = propagate, disabled
        logger.setLevel(level)
    if state["warnings"] != _takes_warnings():
        logging.captureWarnings(state["warnings"])
    logging.disable(state["disable"])
    for number, name in state["names"].items():
        logging.addLevelName(number, name)


def _takes_warnings() -> bool:
    return getattr(logging, "_warnings_showwarning", None) is not None


def attached(name: str, place: int) -> Any:
    """Return a handler of a logger."""
    return _loggers()[name].handlers[place]


def place_of(handler: logging.Handler) -> tuple[str, int] | None:
    """Return the logger that a handler belongs to, and its place there."""
    for name, logger in _loggers().items():
        for place, other in enumerate(logger.handlers):
            if other is handler:
                return name, place
    return None


def _loggers() -> dict[str, logging.Logger]:
    found = {
        name: logger
        for name, logger in sorted(logging.root.manager.loggerDict.items())
        if isinstance(logger, logging.Logger)
    }
    return {"": logging.root, **found}


def _state(handler: logging.Handler) -> dict[str, Any]:
    # The lock is made anew, and stays at its place among the attributes.
    return {k: None if k == "lock" else v for k, v in vars(handler).items()}


def _handler(kind: type, parts: dict[str, Any]) -> logging.Handler:
    handler: logging.Handler = object.__new__(kind)
    vars(handler).update(parts)
    handler.createLock()
    logging._addHandlerRef(handler)  # type: ignore[attr-defined]
    return handler
