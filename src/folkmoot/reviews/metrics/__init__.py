"""The figures of reviews."""
