"""What publishing tells on Today."""
