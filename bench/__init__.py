"""Measurements, as ratios within one run: `make bench`. Tests don't measure time; this does."""
