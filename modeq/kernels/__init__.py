"""Numerical routines in the subset of Python that Numba compiles; generated modules hold copies of them."""
