"""Runs query plans: a plan is compiled once into a program, and a program answers many requests."""

from gateway.executor.fetching import Bounds
from gateway.executor.program import Program, compile_plan
from gateway.executor.result import Outcome, Result

__all__ = ["Bounds", "Outcome", "Program", "Result", "compile_plan"]
