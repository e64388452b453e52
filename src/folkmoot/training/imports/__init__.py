"""Files and how they become events."""
