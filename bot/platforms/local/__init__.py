"""Channels of Foghorn's own, which need nothing outside."""
