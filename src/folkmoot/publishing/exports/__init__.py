"""Posts as files for other programs."""
