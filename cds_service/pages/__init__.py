"""Pages for people: what runs here, the guideline as it is read, and a place to try decisions.

Nothing of it is made before the first page is asked for: the hook endpoints pay nothing for it.
"""

from cds_service.pages.routes import Pages

__all__ = ["Pages"]
