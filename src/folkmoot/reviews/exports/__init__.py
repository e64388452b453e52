"""What reviews add to files that others write."""
