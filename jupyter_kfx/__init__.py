"""Turns a tagged notebook into a pipeline that computes what the notebook computes."""
