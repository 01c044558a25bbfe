"""Tiers that change only where a change lasts, and that a named person may set until a date."""
