"""Tests, by kind: unit, properties, oracles, convergence, pipeline, benchmarks."""
