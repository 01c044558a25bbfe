"""Judging models: windows, subgroups, importance, alternatives."""
