"""Slack: invocations in, Block Kit out."""
