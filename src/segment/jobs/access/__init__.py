"""What the bank tells a customer who asks: which tier, why, from which data, and what can be done about it."""

from segment.jobs.access.explain import Explained, explain
from segment.jobs.access.page import LANGUAGES, as_page, check_ending, write_page

__all__ = ["LANGUAGES", "Explained", "as_page", "check_ending", "explain", "write_page"]
