"""Runs pipelines: the scheduler, and what starts its executions."""
