"""What Baton shows of itself: killed at every write boundary, nothing lost and nothing twice."""
