"""The flow of a study: many methods on equal budgets."""
