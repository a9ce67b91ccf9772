"""The widgets that several screens share. They know how to draw, not what to fetch."""
