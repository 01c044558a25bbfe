"""Use cases: one public function per job, callable without Prefect and without a server."""
