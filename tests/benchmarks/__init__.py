"""Speed, as ratios against named peers measured in the same run: ``python -m tests.benchmarks [subject …]``.

Nothing here is a test: times are printed next to their bounds, never asserted.
"""
