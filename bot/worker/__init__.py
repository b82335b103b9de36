"""Background work: deliveries, reminders, and cleanup."""
