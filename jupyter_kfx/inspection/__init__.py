"""Looking back at runs: their values, two of them side by side, one step again."""
