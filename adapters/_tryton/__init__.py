"""The parts of the adapter for Tryton."""
