"""From snapshots to a champion: train, search, compare, card, promote."""
