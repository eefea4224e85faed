"""What the scripts of the form say, in the reader's language; they read it from the form itself."""

from __future__ import annotations

from flask_babel import gettext as _


def script_words() -> dict[str, str]:
    """Each sentence or label by the name the scripts know; ``{…}`` is filled there."""
    return {**_status_words(), **_toolbar_words(), **_dialog_words()}


def _status_words() -> dict[str, str]:
    return {
        "typing": _("Not saved yet"),
        "kept": _("Kept at %(time)s, not yet saved", time="{time}"),
        "failed": _("Could not be kept just now; trying again. Your text is still here."),
        "signedOut": _(
            "You are signed out. Sign in again in another tab, then save here; your text is still here."
        ),
        "decide": _("Nothing is kept until you decide about what you typed before."),
        "leave": _("You have typed something that is not saved."),
        "uploading": _("Uploading %(name)s …", name="{name}"),
        "uploadFailed": _("The upload failed. Please try again."),
        "tooLong": _("%(count)s of %(limit)s characters", count="{count}", limit="{limit}"),
        "previewFailed": _("The preview cannot be shown just now."),
        "removeRow": _("Take this row out"),
        "plainEditor": _("The editor could not be loaded; you can write in Markdown."),
    }


def _toolbar_words() -> dict[str, str]:
    return {
        "toolbar": _("Form of the text"),
        "paragraph": _("Text"),
        "heading2": _("Heading"),
        "heading3": _("Small heading"),
        "bold": _("Bold"),
        "underline": _("Underlined"),
        "bulletList": _("List"),
        "orderedList": _("Numbered list"),
        "blockquote": _("Quotation"),
        "link": _("Link"),
        "picture": _("Picture"),
        "table": _("Table"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "clear": _("Without formatting"),
        "addRow": _("Row below"),
        "addColumn": _("Column after"),
        "deleteRow": _("Delete row"),
        "deleteColumn": _("Delete column"),
        "headRow": _("Head row"),
        "deleteTable": _("Delete table"),
    }


def _dialog_words() -> dict[str, str]:
    return {
        "linkTitle": _("Where should the link lead?"),
        "linkSearch": _("A page of this portal"),
        "linkOutside": _("Or an address elsewhere"),
        "linkBad": _("An address begins with https://, mailto: or tel:."),
        "linkSet": _("Set the link"),
        "linkRemove": _("Remove the link"),
        "linkWords": _("Words of the link"),
        "pictureTitle": _("Which picture?"),
        "pictureUpload": _("Upload a new one"),
        "pictureSearch": _("Or one that is there"),
        "pictureAlt": _("What it shows, for those who cannot see it"),
        "pictureCaption": _("Line below the picture"),
        "pictureInsert": _("Insert the picture"),
        "pictureRemove": _("Remove the picture"),
        "nothing": _("Nothing found"),
        "more": _("More"),
        "cancel": _("Cancel"),
        "notPublic": _("not public"),
    }
