"""The console: responders' web pages, server-rendered; no action needs a script."""
