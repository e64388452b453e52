"""What publishing adds to the sample community beside its files: channels, goals, series, and what became of posts."""
