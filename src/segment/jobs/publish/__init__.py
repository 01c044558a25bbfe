"""From a champion to published tiers: refresh, gates, drift, proof, runs, and the way back."""
