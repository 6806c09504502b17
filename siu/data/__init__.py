"""What is read: concepts, collections, pictures, and the intake of requests and folders."""
