"""How far the customers of a snapshot are from those that a model learned from."""
