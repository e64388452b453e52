"""Pictures drawn from a pattern and facts: quotes, accepted packages, events, milestones."""
