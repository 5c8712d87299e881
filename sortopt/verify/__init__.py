"""Verification: two proofs that share no code, and the verdict they give together."""

from sortopt.verify.judge import METHODS, verify

__all__ = ["METHODS", "verify"]
