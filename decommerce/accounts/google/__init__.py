"""Google's side: its OAuth 2.0, and reading Gmail and Calendar through their REST APIs."""
