"""The views: each translates a request into one call of the domain and back."""
