"""Upgrade-potential lists: who may be contacted, with what, in which order, and who is kept back as control."""
