"""How flows meet Prefect: its server, task runners, schedule and pages."""
