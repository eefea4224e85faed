"""Plumbing of the site: reading preferences, translations, sign-in, headers, errors, static files, page cache."""
