"""The option that keeps steps apart."""

from __future__ import annotations

import click

__all__ = ["no_join"]

no_join = click.option(
    "--no-join",
    "join",
    flag_value=False,
    default=True,
    help="Refuse what cannot go between steps, instead of running these as one.",
)
