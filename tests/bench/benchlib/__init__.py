"""Measures what a message costs on its way through."""
