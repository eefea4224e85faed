"""Leaders who keep in touch with counselors: pairings, meetings, what is due, what the office sees (R-130–142).

The notes of a meeting are read by its two people alone. Lists, exports, the audit, messages and every other role get
dates, kinds and the office line.
"""

from content.liaison import dates as _dates  # noqa: F401  importing it puts promises into calendars
from content.liaison import holding
from content.liaison.duties import ACTIVITIES, KINDS, OBLIGATIONS, due
from content.liaison.followups import add_follow_up, follow_ups_of, is_late, open_follow_ups, set_done
from content.liaison.meetings import (
    Logged,
    add_words,
    confirm_meeting,
    correct_meeting,
    find_meeting,
    log_meeting,
    restore_meeting,
    withdraw_meeting,
)
from content.liaison.pairings import end_pairing, find_pairing, hand_over, pair, remove, reopen
from content.liaison.reading import home, loggable, meetings_of, recent_places
from content.liaison.tables import FollowUp, Meeting, Pairing

__all__ = [
    "ACTIVITIES",
    "KINDS",
    "OBLIGATIONS",
    "FollowUp",
    "Logged",
    "Meeting",
    "Pairing",
    "add_follow_up",
    "add_words",
    "confirm_meeting",
    "correct_meeting",
    "due",
    "end_pairing",
    "find_meeting",
    "find_pairing",
    "follow_ups_of",
    "hand_over",
    "holding",
    "home",
    "is_late",
    "log_meeting",
    "loggable",
    "meetings_of",
    "open_follow_ups",
    "pair",
    "recent_places",
    "remove",
    "reopen",
    "restore_meeting",
    "set_done",
    "withdraw_meeting",
]
