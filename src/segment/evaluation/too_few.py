"""Numbers from which something is judged; of fewer only the number is said."""

from __future__ import annotations

from typing import Final

LEAST_OF_A_GROUP: Final = 30
"""Customers."""

LEAST_LABELS: Final = 50
"""Of main banks, of both kinds."""

NOT_JUDGED: Final = "not_judged"
"""A figure of a group, or the end of one's name, that has no value: only the number stands in a table."""
