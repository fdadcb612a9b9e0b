"""What all tests have in common."""

from __future__ import annotations

from hypothesis import settings

# A suite that looks elsewhere each time tells nothing of the change it is run for.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")
