"""What a campaign or a trial changed: intention-to-treat effects, checks of the draw, and uplift."""
