"""What sources that are read while they live (GitHub) bring into the register: accounts and repositories.

Unlike an import there is no run to undo: an account's number proves who it is, and values that a person edited stay.
"""
