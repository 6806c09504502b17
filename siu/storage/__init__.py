"""What is kept on disk: workspace, content store, digests, durable writes."""
