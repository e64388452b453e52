"""Everything that changes posts: one function for each thing that a person does."""
