"""How posts fare: readings of what platforms tell, and figures over them."""
