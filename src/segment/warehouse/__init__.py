"""Folders, whole files, the lock, and the published tiers."""
