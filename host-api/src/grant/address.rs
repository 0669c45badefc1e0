//! Which addresses a name may resolve to without being named.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address at which a connection to `address` ends up: IPv4 written as IPv6 (`::ffff:0:0/96`)
/// is IPv4 to the kernel.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether an address is anything but an ordinary address of the public internet: loopback,
/// private, link-local (clouds' metadata), shared, documentation, multicast, unspecified,
/// reserved; or an IPv6 address that a gateway turns into such an IPv4 address. After the
/// special-purpose registries of IANA; beyond them the address at which Azure's virtual machines
/// find their host.
pub fn is_special(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(address) => is_special_v4(address),
        IpAddr::V6(address) => is_special_v6(address),
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224.., ..)
    ) || address == Ipv4Addr::new(168, 63, 129, 16)
}

fn is_special_v6(address: Ipv6Addr) -> bool {
    let words = address.segments();
    let embedded = |high: u16, low: u16| {
        let bits = (u32::from(high) << 16) | u32::from(low);
        is_special_v4(Ipv4Addr::from_bits(bits))
    };
    match words {
        // NAT64: a gateway goes on to the IPv4 address in the last two words.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4: the same with the two words after the prefix.
        [0x2002, high, low, ..] => embedded(high, low),
        // ISATAP: a tunnel to the IPv4 address in the last two words.
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] if embedded(high, low) => true,
        // Assigned to protocols (Teredo and benchmarks among them), and for documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => true,
        // All that was ever given out to be reached from everywhere.
        [0x2000..=0x3fff, ..] => false,
        _ => true,
    }
}

/// Whether one of `networks` contains `address`.
pub(crate) fn is_named(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = canonical(address);
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a failed test")]
    use super::*;

    #[test]
    fn special_addresses_are_known_in_all_their_disguises() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:0a00:0001::",
            "2002:7f00:1::1",
            "2a00:1450::5efe:10.0.0.1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(is_special(special.parse().unwrap()), "{special}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:0808:0808::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(!is_special(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn naming_a_network_names_what_is_mapped_into_it_but_no_gateway() {
        let named = ["10.0.0.0/8".parse().unwrap()];
        let within = |address: &str| is_named(address.parse().unwrap(), &named);
        assert!(within("10.1.2.3"));
        assert!(within("::ffff:10.1.2.3"));
        assert!(!within("64:ff9b::10.1.2.3"));
        assert!(!within("11.0.0.1"));
    }
}
