"""Software peer review: what is stuck, whose turn it is, and what happens next."""
