"""Values in normal form, and what follows from them."""
