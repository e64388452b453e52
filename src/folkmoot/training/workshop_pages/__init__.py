"""The pages that workshops have on websites of their own: what they say of themselves, read, compared, taken over."""
