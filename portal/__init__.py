"""The site: what visitors and editors see over HTTP, and the command line."""
