"""The figures of publishing."""
