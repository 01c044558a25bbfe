"""The fairness audit of a publication and of a training: what is read for it, measured, written and said."""
