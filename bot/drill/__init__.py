"""Drills: incidents rehearsed on a second Foghorn that has no way to customers."""
