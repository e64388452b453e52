"""Forms; thin."""
