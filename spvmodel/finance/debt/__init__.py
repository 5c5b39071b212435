"""Facilities: what they are owed, and when."""
