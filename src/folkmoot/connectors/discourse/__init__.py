"""Discourse, as its interface speaks: protocol only, no tables."""
