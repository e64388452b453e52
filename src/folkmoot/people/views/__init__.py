"""Pages of the register: thin; queries read, actions change, rules guard."""
