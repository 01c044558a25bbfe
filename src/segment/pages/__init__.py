"""What people read: templates and the few lines that fill them."""
