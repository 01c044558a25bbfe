"""The law as rules over frames: what must hold before a fee is proposed, and how well proposals are reviewed."""
