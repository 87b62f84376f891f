"""Measure speed and memory: eyas beside a peer that does the same work, and against its own limits."""
