"""From a ledger to customer months and snapshots."""
