"""Foghorn: incident communications for Slack, Discord, the web console and the command line."""
