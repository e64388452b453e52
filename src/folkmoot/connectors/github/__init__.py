"""GitHub, as its REST and GraphQL interfaces speak: protocol only, no tables."""
