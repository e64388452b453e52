"""Forms of publishing: they read what was typed; the actions decide whether it can be."""
