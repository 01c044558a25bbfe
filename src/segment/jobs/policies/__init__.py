"""What a changed policy would have done, and who approved it."""
