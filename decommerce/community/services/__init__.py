"""What changes the community.

Each service writes its rows and its events in the transaction at hand, and needs the tenant's scope. The bulk forms
take a constant number of statements; an item that cannot be done is an outcome, not an error, and another tenant's ids
are no different from ids of nothing.
"""
