"""What a customer may ask for: an explanation, an objection, erasure; and what is kept no longer."""
