"""What people read of the configuration and of a period: the map, the playbook, the review pack."""
