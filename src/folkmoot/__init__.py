"""Folkmoot: run an open-science community from one place."""

__version__ = "0.1.0"
