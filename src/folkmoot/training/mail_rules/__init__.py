"""What mail rules may ask of events, of parts in them, and of what leads to them."""
