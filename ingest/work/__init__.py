"""The worker: durable steps, the processes that do them, and what takes over when one dies."""
