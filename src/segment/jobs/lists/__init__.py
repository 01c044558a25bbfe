"""Lists of whom to contact: made, released, verified, and what marketing reports back."""
