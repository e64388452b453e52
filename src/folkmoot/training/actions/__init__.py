"""Everything that changes events and parts, one function for each thing a person does."""
