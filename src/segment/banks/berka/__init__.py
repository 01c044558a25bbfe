"""The PKDD'99 bank (Berka and Sochorova): its tables, its codes, and the ledger made from them."""

from segment.banks.berka.convert import import_berka
from segment.banks.berka.import_summary import ImportSummary

__all__ = ["ImportSummary", "import_berka"]
