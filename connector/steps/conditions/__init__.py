"""Conditions on a lead: tables compiled once to functions that test, explain and tell when they change."""
