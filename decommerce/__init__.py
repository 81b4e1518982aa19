"""The Django project: settings, addresses, the ASGI application and the Celery application."""
