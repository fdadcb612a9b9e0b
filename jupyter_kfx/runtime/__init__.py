"""What runs inside a step; it stands alone."""
