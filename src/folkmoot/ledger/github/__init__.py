"""Reading GitHub while it lives: connections, what was read and when, page by page into register and ledger."""
