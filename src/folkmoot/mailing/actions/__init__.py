"""Everything that changes rules and planned mails: one function for each thing that a person does."""
