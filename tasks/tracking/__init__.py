"""MLflow: runs, live losses, registered model, and a record that outlives its absence."""
