"""The bars of docs/reliability.md: each a coroutine that runs one experiment and returns its Result. scale: 1 for the full size."""
