"""Formats of days and moments by language, where Django's own do not suit (its ``FORMAT_MODULE_PATH``)."""
