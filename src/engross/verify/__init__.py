"""Verifying signed PDFs: the acceptance policy in small rules, offline, on files from anywhere."""

from engross.verify.model import Expected, Finding, Policy, Report, Signature, Verdict
from engross.verify.verification import verify

__all__ = ["Expected", "Finding", "Policy", "Report", "Signature", "Verdict", "verify"]
