"""Which internet addresses are public: those of others, not of this machine, its network or its cloud."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Not told as private by every Python, or public in name only: IPv4 carried in IPv6 by 6to4, Teredo and NAT64,
# relays of 6to4, and what Azure answers its own machines at.
ALSO_REFUSED = [
    ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "::/96",
    )
]


def is_public(text: str) -> bool:
    """By the special-purpose registries of IANA (RFC 6890); an IPv4 address mapped into IPv6 is judged by itself."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast and not address.is_reserved and not _is_refused(address)


def _is_refused(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in ALSO_REFUSED)


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
