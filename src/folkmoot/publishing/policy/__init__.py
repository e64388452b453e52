"""Policy as code: rules in YAML, checks in Python, and what they find in a post or a file."""
