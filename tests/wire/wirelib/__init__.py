"""Plays whole SMTP sessions, written down as text files, against a running proxy."""
