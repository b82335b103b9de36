"""The public web side: what was published as pages and feeds, and whether Foghorn is well."""
