"""The front door: accepts commands from every surface and runs them."""
