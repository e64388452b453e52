"""Which records are one person: proven keys (``keys``), and likeness that somebody has to judge (all else)."""
