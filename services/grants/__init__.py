"""Programmes and money: training cohorts with so many seats, funding programs with tiers, applications for grants."""
