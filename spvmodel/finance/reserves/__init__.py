"""Accounts: the debt service reserve, trapped cash, and every other reserve."""
