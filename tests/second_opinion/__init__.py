"""The same runs in other people's engines: their trades and equity must be ours, or a rule says why not."""
