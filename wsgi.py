"""The WSGI application, as `lianxi serve` and any other server start it."""

from portal.app import create_app

application = create_app()
