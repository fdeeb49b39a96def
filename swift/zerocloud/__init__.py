"""ZeroCloud inside OpenStack Swift: two filters that pass on, and decide nothing."""

__version__ = "0.1.0"
