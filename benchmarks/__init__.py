"""Measurements: one module a subject, one line a figure, each beside its aim."""
