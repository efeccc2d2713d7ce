//! Which addresses requests may go to.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::IpNet;
use url::{Host, Url};

/// Which addresses requests may go to: public ones, narrowed and widened by the operator.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Reserved networks that may be reached all the same. Plain `http` reaches these only.
    pub allow_networks: Vec<IpNet>,
    /// When not empty: nothing outside these.
    pub only_networks: Vec<IpNet>,
}

/// A destination the policy does not admit: which name, which address, which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub(super) host: String,
    pub(super) address: Option<IpAddr>,
    pub(super) rule: Rule,
}

/// A rule that keeps requests from leaving: its name, as refusals are counted, and what the destination is or has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(&'static str, &'static str);

impl Rule {
    const THIS_NETWORK: Self = Self("this_network", "is an address of this network");
    const PRIVATE: Self = Self("private", "is a private address");
    const CARRIER_NAT: Self = Self("carrier_nat", "is a carrier-grade NAT address");
    const LOOPBACK: Self = Self("loopback", "is a loopback address");
    const LINK_LOCAL: Self = Self("link_local", "is a link-local or cloud metadata address");
    const DOCUMENTATION: Self = Self("documentation", "is a documentation address");
    const BENCHMARKING: Self = Self("benchmarking", "is a benchmarking address");
    const MULTICAST: Self = Self("multicast", "is a multicast address");
    const RESERVED: Self = Self("reserved", "is a reserved or broadcast address");
    const LOCAL_NAT64: Self = Self("local_nat64", "is a local NAT64 address");
    const DISCARD: Self = Self("discard", "is a discard address");
    const SEGMENT_ROUTING: Self = Self("segment_routing", "is a segment routing address");
    const UNIQUE_LOCAL: Self = Self("unique_local", "is a unique-local address");
    const SITE_LOCAL: Self = Self("site_local", "is a site-local address");
    const ONLY_NETWORKS: Self = Self("only_networks", "is outside outbound.only_networks");
    const PLAIN_HTTP: Self =
        Self("plain_http", "is reached by plain http, which only outbound.allow_networks may admit");
    const SCHEME: Self = Self("scheme", "is neither https nor http");
    const USER_INFORMATION: Self = Self("user_information", "has user information in its address");
    const NO_HOST: Self = Self("no_host", "has no host");
    /// Connections are bound, to addresses of the other family only.
    pub(super) const FAMILY: Self = Self("family", "has no address of the family of outbound.addresses");
    /// A request that brings its own authentication, to an address that the instance does not name.
    pub(super) const UNKNOWN_ADDRESS: Self = Self("unknown_address", "is no address of this instance");

    /// One word, for counting.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The rest of a sentence about the destination.
    pub const fn text(self) -> &'static str {
        self.1
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        match self.address {
            Some(address) if address.to_string() != self.host => write!(f, " ({address})")?,
            _ => {}
        }
        write!(f, " {}", self.rule.text())
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// The rule alone, for those who need not know addresses.
    pub const fn rule(&self) -> Rule {
        self.rule
    }
}

/// Networks that are not part of the public internet (IANA special-purpose registries), and why.
const RESERVED_V4: &[(Ipv4Addr, u8, Rule)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, Rule::THIS_NETWORK),
    (Ipv4Addr::new(10, 0, 0, 0), 8, Rule::PRIVATE),
    (Ipv4Addr::new(100, 64, 0, 0), 10, Rule::CARRIER_NAT),
    (Ipv4Addr::new(127, 0, 0, 0), 8, Rule::LOOPBACK),
    (Ipv4Addr::new(169, 254, 0, 0), 16, Rule::LINK_LOCAL),
    (Ipv4Addr::new(172, 16, 0, 0), 12, Rule::PRIVATE),
    (Ipv4Addr::new(192, 0, 0, 0), 24, Rule::RESERVED),
    (Ipv4Addr::new(192, 0, 2, 0), 24, Rule::DOCUMENTATION),
    (Ipv4Addr::new(192, 88, 99, 0), 24, Rule::RESERVED),
    (Ipv4Addr::new(192, 168, 0, 0), 16, Rule::PRIVATE),
    (Ipv4Addr::new(198, 18, 0, 0), 15, Rule::BENCHMARKING),
    (Ipv4Addr::new(198, 51, 100, 0), 24, Rule::DOCUMENTATION),
    (Ipv4Addr::new(203, 0, 113, 0), 24, Rule::DOCUMENTATION),
    (Ipv4Addr::new(224, 0, 0, 0), 4, Rule::MULTICAST),
    (Ipv4Addr::new(240, 0, 0, 0), 4, Rule::RESERVED),
];

const RESERVED_V6: &[(Ipv6Addr, u8, Rule)] = &[
    (Ipv6Addr::LOCALHOST, 128, Rule::LOOPBACK),
    (Ipv6Addr::UNSPECIFIED, 96, Rule::RESERVED),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, Rule::LOCAL_NAT64),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, Rule::DISCARD),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, Rule::RESERVED),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, Rule::DOCUMENTATION),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, Rule::DOCUMENTATION),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, Rule::SEGMENT_ROUTING),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, Rule::UNIQUE_LOCAL),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, Rule::LINK_LOCAL),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, Rule::SITE_LOCAL),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, Rule::MULTICAST),
];

/// The IPv4 address that an IPv6 one stands for: mapped, NAT64 or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bytes = address.octets();
    let v4 = |at: usize| Ipv4Addr::new(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => Some(v4(12)),
        [0x2002, ..] => Some(v4(2)),
        _ => None,
    }
}

/// Why an address is not a public one.
fn reserved(address: IpAddr) -> Option<Rule> {
    match address {
        IpAddr::V4(address) => RESERVED_V4
            .iter()
            .find(|&&(network, bits, _)| {
                let mask = u32::MAX << (32 - u32::from(bits));
                u32::from(address) & mask == u32::from(network)
            })
            .map(|&(_, _, rule)| rule),
        IpAddr::V6(address) => {
            if let Some(v4) = embedded(address) {
                return reserved(IpAddr::V4(v4));
            }
            RESERVED_V6
                .iter()
                .find(|&&(network, bits, _)| {
                    let mask = u128::MAX << (128 - u32::from(bits));
                    u128::from(address) & mask == u128::from(network)
                })
                .map(|&(_, _, rule)| rule)
        }
    }
}

fn within(networks: &[IpNet], address: IpAddr) -> bool {
    let canonical = match address {
        IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
        v4 @ IpAddr::V4(_) => v4,
    };
    networks.iter().any(|network| network.contains(&address) || network.contains(&canonical))
}

/// Whether a name always stands for this machine (RFC 6761 section 6.3).
fn is_loopback(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

impl Policy {
    /// Checks one address that `host` stands for.
    pub fn check_address(&self, host: &str, address: IpAddr, https: bool) -> Result<(), Refusal> {
        let refused = |rule| Err(Refusal { host: host.to_owned(), address: Some(address), rule });
        if !self.only_networks.is_empty() && !within(&self.only_networks, address) {
            return refused(Rule::ONLY_NETWORKS);
        }
        if within(&self.allow_networks, address) {
            return Ok(());
        }
        match reserved(address) {
            Some(rule) => refused(rule),
            None if !https => refused(Rule::PLAIN_HTTP),
            None => Ok(()),
        }
    }

    /// Checks what an address in configuration shows by itself: scheme, user info, and a literal host. A name is checked
    /// when it is resolved.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let refused = |rule| Err(Refusal { host: host.clone(), address: None, rule });
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return refused(Rule::SCHEME),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refused(Rule::USER_INFORMATION);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_address(&host, address.into(), https),
            Some(Host::Ipv6(address)) => self.check_address(&host, address.into(), https),
            Some(Host::Domain(name)) if is_loopback(name) => {
                self.check_address(&host, Ipv4Addr::LOCALHOST.into(), https).or_else(|refusal| {
                    self.check_address(&host, Ipv6Addr::LOCALHOST.into(), https).map_err(|_| refusal)
                })
            }
            Some(Host::Domain(_)) => Ok(()),
            None => refused(Rule::NO_HOST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(policy: &Policy, address: &str) -> Option<&'static str> {
        policy.check_address("h", address.parse().unwrap(), true).err().map(|refusal| refusal.rule.name())
    }

    #[test]
    fn only_public_addresses_are_reached() {
        let policy = Policy::default();
        for reserved in [
            "127.0.0.1",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(rule(&policy, reserved).is_some(), "{reserved}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert_eq!(rule(&policy, public), None, "{public}");
        }
    }

    #[test]
    fn the_operator_widens_and_narrows() {
        let policy = Policy {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            only_networks: vec!["127.0.0.0/8".parse().unwrap(), "1.1.1.0/24".parse().unwrap()],
        };
        assert_eq!(rule(&policy, "127.0.0.1"), None);
        assert_eq!(rule(&policy, "::ffff:127.0.0.1"), None);
        assert_eq!(rule(&policy, "1.1.1.1"), None);
        assert_eq!(rule(&policy, "8.8.8.8"), Some("only_networks"));
        let plain = |address: &str| policy.check_address("h", address.parse().unwrap(), false);
        assert!(plain("127.0.0.1").is_ok());
        assert!(plain("1.1.1.1").unwrap_err().to_string().contains("plain http"));
    }

    #[test]
    fn literals_in_any_notation_are_the_same_address() {
        let policy = Policy::default();
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://target.localhost/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://user@example.com/",
            "ftp://example.com/",
        ] {
            assert!(policy.check_url(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        assert!(policy.check_url(&Url::parse("https://api.slack.com/scim/v1/").unwrap()).is_ok());
    }
}
