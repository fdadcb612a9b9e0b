"""Whether a pipeline computes what its notebook computes."""

from jupyter_kfx.verification.report import CellDifference, Verification
from jupyter_kfx.verification.verify import verify

__all__ = ["CellDifference", "Verification", "verify"]
