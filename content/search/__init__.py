"""Search: what is public is found in either script, by whom it is meant for.

The index is a cache. ``note`` writes what search knows of an item in the transaction of its change,
``index_pending`` brings it into the index, ``find`` asks the index and lets the database decide.
"""

from content.search.documents import SearchDocument, note
from content.search.finding import Hit, Results, SearchQuery, find
from content.search.indexing import Agreement, close, compare, index_pending, mend, rebuild
from content.search.misses import forget_misses, most_missed, note_miss

__all__ = [
    "Agreement",
    "Hit",
    "Results",
    "SearchDocument",
    "SearchQuery",
    "close",
    "compare",
    "find",
    "forget_misses",
    "index_pending",
    "mend",
    "most_missed",
    "note",
    "note_miss",
    "rebuild",
]
