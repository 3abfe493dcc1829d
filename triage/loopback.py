"""A host name to whether it is this machine: where a password may travel in the clear.

The one answer to that question, for the config, the set-up and the connection alike. May
not ask a name server: whoever answers one could say anything.
"""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether ``host`` is ``localhost`` or a loopback address (RFC 1122 section 3.2.1.3,
    RFC 4291 section 2.5.3), with or without the brackets of an IPv6 literal."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
