//! The addresses of a sandbox: one private block, cut into a node network and a pod range per node.
//! Pure arithmetic; what this machine already routes is passed in.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Blocks tried in this order when nobody chose one. All are private, so that policies which close private
/// ranges to candidates close the nodes too, and all are off the ranges that Docker, kind, k3s and libvirt use.
const BLOCKS: [&str; 4] = ["10.213.0.0/16", "10.217.0.0/16", "10.221.0.0/16", "172.29.0.0/16"];

/// How many nodes fit: each takes one of the 128 pod ranges.
pub(crate) const MAX_NODES: u8 = 100;

/// An IPv4 network, such as `10.213.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subnet {
    base: Ipv4Addr,
    prefix: u8,
}

/// What is wrong with a network someone typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network such as 10.213.0.0/16")]
pub struct NotASubnet(String);

impl Subnet {
    /// The network of `prefix` bits that `address` lies in.
    pub fn new(address: Ipv4Addr, prefix: u8) -> Self {
        let prefix = prefix.min(32);
        Self {
            base: Ipv4Addr::from_bits(address.to_bits() & mask(prefix)),
            prefix,
        }
    }

    /// The number of leading bits that every address in it shares.
    pub fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether one of the two holds addresses of the other.
    pub fn overlaps(self, other: Self) -> bool {
        let shared = mask(self.prefix.min(other.prefix));
        self.base.to_bits() & shared == other.base.to_bits() & shared
    }

    /// Whether `address` lies in it.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & mask(self.prefix) == self.base.to_bits()
    }

    fn host(self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.base.to_bits() + offset)
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl FromStr for Subnet {
    type Err = NotASubnet;

    fn from_str(text: &str) -> Result<Self, NotASubnet> {
        let wrong = || NotASubnet(text.to_owned());
        let (base, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let base: Ipv4Addr = base.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let subnet = Self::new(base, prefix);
        if prefix > 32 || subnet.base != base {
            Err(wrong())
        } else {
            Ok(subnet)
        }
    }
}

impl Serialize for Subnet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subnet {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Where everything in one sandbox is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressPlan {
    block: Subnet,
}

impl AddressPlan {
    /// A plan inside `block`, which has to be a /16.
    pub fn within(block: Subnet) -> Option<Self> {
        (block.prefix == 16).then_some(Self { block })
    }

    /// The first usual block that none of the networks this machine routes overlaps.
    pub fn free_of(routed: &[Subnet]) -> Option<Self> {
        BLOCKS
            .iter()
            .filter_map(|block| block.parse().ok())
            .find(|block: &Subnet| !routed.iter().any(|route| route.overlaps(*block)))
            .and_then(Self::within)
    }

    /// The whole block.
    pub fn block(self) -> Subnet {
        self.block
    }

    /// The network of the bridge and the nodes.
    pub fn nodes(self) -> Subnet {
        Subnet::new(self.block.base, 24)
    }

    /// The range that every node's pods come from.
    pub fn pods(self) -> Subnet {
        Subnet::new(self.block.host(128 << 8), 17)
    }

    /// Cluster addresses of Services. Only the nodes know this range, this machine never routes it.
    pub fn services() -> Subnet {
        Subnet::new(Ipv4Addr::new(10, 96, 0, 0), 16)
    }

    /// Where pods ask for names.
    pub fn dns() -> Ipv4Addr {
        Self::services().host(10)
    }

    /// The Service `default/kubernetes`.
    pub fn kubernetes_service() -> Ipv4Addr {
        Self::services().host(1)
    }

    /// This machine's own address on the bridge.
    pub fn bridge(self) -> Ipv4Addr {
        self.block.host(1)
    }

    /// Where the API server and the registry listen.
    pub fn plane(self) -> Ipv4Addr {
        self.block.host(2)
    }

    /// The address of the node with this number.
    pub fn node(self, number: u8) -> Ipv4Addr {
        self.block.host(10 + u32::from(number))
    }

    /// The pod range of the node with this number.
    pub fn node_pods(self, number: u8) -> Subnet {
        Subnet::new(self.block.host((128 + u32::from(number)) << 8), 24)
    }
}

/// The networks in the main routing table, read from the text of `/proc/net/route`, without default routes
/// and without routes over `our_bridge`.
pub(crate) fn routed(table: &str, our_bridge: &str) -> Vec<Subnet> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| route(line, our_bridge))
        .collect()
}

fn route(line: &str, our_bridge: &str) -> Option<Subnet> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [device, destination, _, _, _, _, _, mask, ..] = fields.as_slice() else {
        return None;
    };
    // The kernel prints both as the bytes lie in memory, so on little-endian machines the wrong way round.
    let number = |text: &str| {
        u32::from_str_radix(text, 16)
            .ok()
            .map(|n| u32::from_be_bytes(n.to_ne_bytes()))
    };
    let prefix = u8::try_from(number(mask)?.leading_ones()).ok()?;
    (prefix > 0 && *device != our_bridge)
        .then_some(Subnet::new(Ipv4Addr::from_bits(number(destination)?), prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
        eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
        twbr0\t0000D50A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    #[test]
    fn subnets_are_read_and_written() {
        for good in ["10.213.0.0/16", "0.0.0.0/0", "192.0.2.7/32"] {
            assert_eq!(subnet(good).to_string(), good);
        }
        for bad in ["", "10.0.0.0", "10.0.0.1/24", "10.0.0.0/33", "10.0.0/8", "a/b"] {
            assert!(bad.parse::<Subnet>().is_err(), "{bad}");
        }
    }

    #[test]
    fn overlap_looks_at_the_shorter_prefix() {
        assert!(subnet("10.0.0.0/8").overlaps(subnet("10.213.4.0/24")));
        assert!(!subnet("10.213.0.0/16").overlaps(subnet("10.214.0.0/16")));
        assert!(subnet("0.0.0.0/0").overlaps(subnet("10.214.0.0/16")));
    }

    #[test]
    fn a_plan_cuts_its_block() {
        let plan = AddressPlan::within(subnet("10.213.0.0/16")).unwrap();
        let cut = [
            plan.nodes().to_string(),
            plan.pods().to_string(),
            plan.bridge().to_string(),
            plan.plane().to_string(),
            plan.node(1).to_string(),
            plan.node_pods(1).to_string(),
            plan.node_pods(MAX_NODES).to_string(),
            AddressPlan::dns().to_string(),
        ];
        assert_eq!(
            cut,
            [
                "10.213.0.0/24",
                "10.213.128.0/17",
                "10.213.0.1",
                "10.213.0.2",
                "10.213.0.11",
                "10.213.129.0/24",
                "10.213.228.0/24",
                "10.96.0.10",
            ]
        );
        assert!(AddressPlan::within(subnet("10.213.0.0/24")).is_none());
    }

    #[test]
    fn routes_of_others_are_read_and_ours_left_out() {
        assert_eq!(routed(ROUTES, "twbr0"), [subnet("192.0.2.0/24")]);
    }

    #[test]
    fn a_taken_block_is_passed_over() {
        let chosen = |routes: &[&str]| {
            let routes: Vec<Subnet> = routes.iter().map(|text| subnet(text)).collect();
            AddressPlan::free_of(&routes).map(|plan| plan.block().to_string())
        };
        assert_eq!(chosen(&[]).as_deref(), Some("10.213.0.0/16"));
        assert_eq!(chosen(&["10.213.7.0/24"]).as_deref(), Some("10.217.0.0/16"));
        assert_eq!(chosen(&["10.0.0.0/8"]).as_deref(), Some("172.29.0.0/16"));
        assert_eq!(chosen(&["10.0.0.0/8", "172.16.0.0/12"]), None);
    }
}
