"""Telling other programs what changed: who is told of what, and finding it. What leaves, leaves by the outbox."""
