"""Where a ledger to try things on comes from."""
