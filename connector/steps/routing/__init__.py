"""Who gets a lead: rules in order, then whoever's turn it is."""
