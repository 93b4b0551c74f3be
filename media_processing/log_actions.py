"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "media.asset.retry": (_("Process file again"), _("File sent to be processed again")),
    "media.captions.attach": (_("Add subtitles"), _("Subtitles added")),
    "media.captions.remove": (_("Remove subtitles"), _("Subtitles removed")),
}
