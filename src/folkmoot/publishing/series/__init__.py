"""Posts that come again: rules of days, pools that rotate, what follows another post, what an event sets off."""
