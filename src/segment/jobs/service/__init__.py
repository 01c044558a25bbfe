"""What each tier and branch gets, the trial of it, and what trial and lists changed."""
