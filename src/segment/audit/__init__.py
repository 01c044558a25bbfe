"""Fairness by group: selection and harm, the same within bands of income, and features that stand for an attribute.

Pure functions over frames. The attributes come in as columns of words; nothing here reads a file, and only audits,
model cards and promotions import this package (`[tool.importlinter]`).
"""
