"""The audit of a publication and of a training."""
