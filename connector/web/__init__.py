"""The desk and the dashboard: pages for reps, reviewers, managers, marketing and admins."""
