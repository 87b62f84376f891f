"""The runs that are compared: each a script for its own environment, which knows nobody here.

    python bench/engines/NAME.py BARS.npz

Each loads the bars, warms up on a few of them, runs, and prints one line of JSON: seconds by step,
seconds of the processor in all, number of trades, equity at the end.
"""
