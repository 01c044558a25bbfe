"""The service plan: what each tier and sub-state of a branch gets in the six dimensions of service."""
