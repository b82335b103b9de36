"""The public web server: published pages and feeds, and health checks."""
