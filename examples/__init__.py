"""Examples that run; pictures of the embedded world beside them."""
