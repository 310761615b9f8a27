"""The parts of the ClickUp adapter."""
