"""Customer tiering and differentiated service for retail banks."""
