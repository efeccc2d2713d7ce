//! The addresses of this machine that connections come from.

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    sync::atomic::{AtomicUsize, Ordering},
};

use ipnet::IpNet;

/// The most addresses of one network that are tried at start.
const MOST: u32 = 16;

/// Addresses that connections are bound to, each in turn.
#[derive(Debug, Default)]
pub struct SourceAddresses {
    held: Vec<IpAddr>,
    next: AtomicUsize,
}

/// Why no connection could be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceFault {
    /// The machine holds none of the addresses listed.
    NoneHeld,
    /// A network is too large for each of its addresses to be tried.
    TooLarge(IpNet),
}

impl std::fmt::Display for SourceFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoneHeld => f.write_str("this machine holds none of the addresses listed"),
            Self::TooLarge(net) => {
                write!(f, "{net} has more than {} addresses, list smaller ones", 1_u64 << MOST)
            }
        }
    }
}

impl std::error::Error for SourceFault {}

impl SourceAddresses {
    /// Those of `listed` that this machine holds: to which a socket can be bound. Also those it lacks, among single
    /// addresses.
    pub fn held(listed: &[IpNet]) -> Result<(Self, Vec<IpAddr>), SourceFault> {
        let (mut held, mut lacking) = (Vec::new(), Vec::new());
        for net in listed {
            if u32::from(net.max_prefix_len() - net.prefix_len()) > MOST {
                return Err(SourceFault::TooLarge(*net));
            }
            let single = net.prefix_len() == net.max_prefix_len();
            for address in net.hosts() {
                if TcpListener::bind(SocketAddr::new(address, 0)).is_ok() {
                    held.push(address);
                } else if single {
                    lacking.push(address);
                }
            }
        }
        held.dedup();
        if held.is_empty() {
            return Err(SourceFault::NoneHeld);
        }
        Ok((Self { held, next: AtomicUsize::new(0) }, lacking))
    }

    /// The addresses held.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.held
    }

    /// The address for the next connection to a target of this family.
    pub(super) fn next(&self, v4: bool) -> Option<IpAddr> {
        let family = || self.held.iter().filter(|address| address.is_ipv4() == v4);
        let count = family().count();
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        (count > 0).then(|| family().nth(turn % count).copied()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(text: &[&str]) -> Vec<IpNet> {
        text.iter().map(|net| net.parse().unwrap()).collect()
    }

    #[test]
    fn addresses_this_machine_holds_are_used_in_turn() {
        let (sources, lacking) = SourceAddresses::held(&nets(&["127.0.0.2/31", "198.51.100.77/32"])).unwrap();
        assert_eq!(lacking, ["198.51.100.77".parse::<IpAddr>().unwrap()]);
        let turns: Vec<_> = (0..4).map(|_| sources.next(true).unwrap().to_string()).collect();
        assert_eq!(turns, ["127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3"]);
        assert_eq!(sources.next(false), None, "none of the other family");
    }

    #[test]
    fn a_machine_that_holds_none_is_told_so() {
        assert_eq!(SourceAddresses::held(&nets(&["198.51.100.76/30"])).unwrap_err(), SourceFault::NoneHeld);
        let large = nets(&["10.0.0.0/8"]);
        assert_eq!(SourceAddresses::held(&large).unwrap_err(), SourceFault::TooLarge(large[0]));
    }
}
