"""Training and events: what happens where, who takes which part, and what they take home."""
