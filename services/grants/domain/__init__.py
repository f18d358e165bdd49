"""The rules of cohorts and grants, pure."""
