"""Pages; thin."""
