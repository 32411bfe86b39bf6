"""Which internet addresses are public: none of this machine, its network or its cloud."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Private, but not to every Python, or public in name only: IPv4 carried in IPv6 by 6to4, Teredo and NAT64,
# relays of 6to4, and the address at which Azure serves its own machines.
OTHER_PRIVATE_NETWORKS = [
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
    """Whether IANA's special-purpose registries (RFC 6890) allow it; an IPv4-mapped IPv6 address is judged as IPv4."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not _is_otherwise_private(address)
    )


def _is_otherwise_private(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in OTHER_PRIVATE_NETWORKS)


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
