"""What happens by itself: sending, reminding, forgetting."""
