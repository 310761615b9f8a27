"""Saying things to people: words in two languages, the brief, what somebody did."""
