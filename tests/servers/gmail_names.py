"""How Gmail calls its own folders, by their special use (RFC 6154) and the account's language.

The English names are those of developers.google.com/workspace/gmail/imap/imap-extensions;
the German ones were seen in github.com/Webklex/php-imap/issues/176; old and British accounts
say "Google Mail" and "Bin" (github.com/gmailgem/gmail/issues/83).
"""

from __future__ import annotations

ENGLISH = {
    "All": "[Gmail]/All Mail",
    "Drafts": "[Gmail]/Drafts",
    "Important": "[Gmail]/Important",
    "Sent": "[Gmail]/Sent Mail",
    "Junk": "[Gmail]/Spam",
    "Flagged": "[Gmail]/Starred",
    "Trash": "[Gmail]/Trash",
}
GERMAN = {
    "All": "[Gmail]/Alle Nachrichten",
    "Drafts": "[Gmail]/Entwürfe",
    "Important": "[Gmail]/Wichtig",
    "Sent": "[Gmail]/Gesendet",
    "Junk": "[Gmail]/Spam",
    "Flagged": "[Gmail]/Markiert",
    "Trash": "[Gmail]/Papierkorb",
}
BRITISH = {
    use: name.replace("[Gmail]", "[Google Mail]").replace("Trash", "Bin")
    for use, name in ENGLISH.items()
}
