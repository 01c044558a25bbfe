"""Plots of tables that jobs have made: pure functions of frames, each returns a figure."""
