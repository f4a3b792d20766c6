"""Verifying signed PDFs: the acceptance policy, offline, on files from anywhere."""
