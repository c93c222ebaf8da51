"""Measured orders: the slope of the error of every kind of flow against the method that it models."""
