"""The figures of training and events."""
