"""What is due on a bank's working days."""
