"""The figures: how long things take here, and against a bare peer in the same run."""
