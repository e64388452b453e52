"""The names that a pattern of certificates may have in double braces."""

FACTS = (
    "accent",
    "address",
    "community",
    "days",
    "event",
    "heading",
    "issued",
    "name",
    "part",
    "place",
    "sentence",
)
