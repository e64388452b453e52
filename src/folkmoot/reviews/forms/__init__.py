"""Forms of reviews: they read what was typed; the actions decide whether it can be."""
