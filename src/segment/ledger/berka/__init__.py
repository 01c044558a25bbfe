"""The PKDD'99 bank (Berka and Sochorova): its tables, its codes, and the ledger made from them."""

from segment.ledger.berka.convert import import_berka
from segment.ledger.berka.summary import ImportSummary, Part

__all__ = ["ImportSummary", "Part", "import_berka"]
