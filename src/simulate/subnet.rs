//! Networks that a connection's address may lie in.

use core::net::IpAddr;

use super::read::{Field, Undecided};

/// A network, as `10.0.0.0/8`; a single address is one too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl Subnet {
    pub(super) fn read(field: &Field<'_>) -> Result<Self, Undecided> {
        let text = field.text()?.unwrap_or_default();
        Self::parse(&text).ok_or_else(|| field.invalid("must be a network as `10.0.0.0/8`"))
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = width(address);
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    /// Returns how long the part is that it shares with an address in it; the longer wins.
    pub(super) fn fit(self, address: IpAddr) -> Option<u8> {
        let same_kind = self.address.is_ipv4() == address.is_ipv4();
        let rest = width(address) - self.bits.min(width(address));
        let [own, other] = [self.address, address].map(|address| {
            let bits = match address {
                IpAddr::V4(address) => u128::from(address.to_bits()),
                IpAddr::V6(address) => address.to_bits(),
            };
            bits.checked_shr(u32::from(rest)).unwrap_or(0)
        });
        (same_kind && own == other).then_some(self.bits)
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::Subnet;

    #[test]
    fn addresses_lie_in_networks() {
        for (network, address, fit) in [
            ("10.0.0.0/8", "10.1.2.3", Some(8)),
            ("10.0.0.0/8", "11.1.2.3", None),
            ("10.1.2.3", "10.1.2.3", Some(32)),
            ("0.0.0.0/0", "10.1.2.3", Some(0)),
            ("::/0", "10.1.2.3", None),
            ("fd00::/8", "fd12::1", Some(8)),
            ("::/0", "::1", Some(0)),
        ] {
            let fits = Subnet::parse(network).unwrap().fit(address.parse().unwrap());
            assert_eq!(fits, fit, "{network} {address}");
        }
        for wrong in ["10.0.0.0/33", "10.0.0", "a", "", "10.0.0.0/"] {
            assert_eq!(Subnet::parse(wrong), None, "{wrong}");
        }
    }
}
