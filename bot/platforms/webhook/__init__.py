"""Addresses of other programs, which get updates as signed JSON."""
