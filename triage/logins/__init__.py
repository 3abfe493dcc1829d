"""OAuth2 logins: how a person lets this program into the mailbox, and how that stays so.

``login.Login`` is what the other rooms use: it gives access tokens, renews them, and keeps
what renews them. The providers' libraries are imported when they are needed, since they
come with an extra of the package. May not know IMAP, nor the config.
"""
