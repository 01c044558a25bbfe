"""What people hand in and what is recorded of it: rows, records, tombstones."""
