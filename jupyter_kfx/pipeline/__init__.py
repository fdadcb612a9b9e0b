"""The plain data model of a pipeline."""
