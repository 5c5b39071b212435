"""Tests of covenants, cures and triggers."""
