"""The back office (Flask-Admin)."""
