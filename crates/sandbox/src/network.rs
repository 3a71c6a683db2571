//! Links, namespaces, addresses and routes: a bridge on this machine, and a namespace for the control plane and
//! for every node, each with one cable to the bridge. Works through `ip`, which is installed everywhere.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::addresses::AddressPlan;
use crate::error::{OnPath, SandboxError};
use crate::state::State;

/// The bridge on this machine.
pub(crate) const BRIDGE: &str = "twbr0";
/// Starts the names of our network namespaces and of our ends of their cables.
pub(crate) const PREFIX: &str = "tw-";
/// The member that is no node: API server, its database, registry.
pub const PLANE: &str = "plane";
/// Our chain in the tables of this machine; there is one only when the sandbox is open to the world.
pub(crate) const CHAIN: &str = "TASKWRIGHT";

/// The file that stands for the network namespace of a member.
pub(crate) fn namespace(member: &str) -> PathBuf {
    Path::new("/run/netns").join(format!("{PREFIX}{member}"))
}

/// The kernel's number of a member's namespace; none when it does not exist, or when only its file does.
pub(crate) fn namespace_number(member: &str) -> Option<u64> {
    const NSFS_MAGIC: u64 = 0x6e73_6673;
    let path = namespace(member);
    let file_system = rustix::fs::statfs(&path).ok()?;
    let is_namespace = u64::try_from(file_system.f_type).ok()? == NSFS_MAGIC;
    is_namespace.then(|| fs::metadata(path).ok().map(|metadata| metadata.ino()))?
}

fn link_exists(name: &str) -> bool {
    Path::new("/sys/class/net").join(name).exists()
}

/// Makes the bridge, or what is missing of it.
pub(crate) async fn ensure_bridge(addresses: &AddressPlan) -> Result<(), SandboxError> {
    let mut commands = vec![
        format!(
            "addr replace {}/{} dev {BRIDGE}",
            addresses.bridge(),
            addresses.nodes().prefix()
        ),
        format!("link set {BRIDGE} up"),
    ];
    if !link_exists(BRIDGE) {
        commands.insert(0, format!("link add {BRIDGE} type bridge"));
    }
    ip_batch(None, &commands).await
}

/// Makes the namespace of a member and its cable to the bridge, whichever is missing. True when the namespace is
/// new, so that whatever still runs in an earlier one is cut off for good.
pub(crate) async fn ensure_member(state: &State, member: &str) -> Result<bool, SandboxError> {
    let fresh = namespace_number(member).is_none();
    if fresh {
        // A file that stands for no namespace is what a reboot leaves where /run is kept.
        let _usually_absent = fs::remove_file(namespace(member));
        ip(&["netns", "add", &format!("{PREFIX}{member}")]).await?;
        settle(member).await?;
    }
    let cable = format!("{PREFIX}{member}");
    if fresh || !link_exists(&cable) {
        connect(state, member, &cable).await?;
    }
    Ok(fresh)
}

/// What Calico's plugin tells every pod to send through.
const POD_GATEWAY: &str = "169.254.1.1";

async fn connect(state: &State, member: &str, cable: &str) -> Result<(), SandboxError> {
    let space = format!("{PREFIX}{member}");
    remove_link(cable).await?;
    let outside = [
        format!("link add {cable} type veth peer name eth0 netns {space}"),
        format!("link set {cable} master {BRIDGE} up"),
    ];
    ip_batch(None, &outside).await?;
    let own = address_of(state, member);
    let mut inside = vec![
        "link set lo up".to_owned(),
        format!("addr add {own}/{} dev eth0", state.addresses.nodes().prefix()),
        "link set eth0 up".to_owned(),
    ];
    // The gateway that pods are given. The kernel answers their question for it (proxy ARP) only when it has a
    // route to it through another link, and a node that reaches nothing outside has no default route.
    inside.push(format!("route replace {POD_GATEWAY} dev eth0"));
    if state.egress {
        inside.push(format!("route replace default via {}", state.addresses.bridge()));
    }
    ip_batch(Some(&space), &inside).await
}

/// Routes the pods of every other node to that node, and forgets nodes that are no more.
pub(crate) async fn route_pods(state: &State) -> Result<(), SandboxError> {
    for member in members(state) {
        let mut commands = vec!["route flush proto 213".to_owned()];
        for (_, node) in state.nodes.iter().filter(|(name, _)| **name != member) {
            let (pods, via) = (
                state.addresses.node_pods(node.number),
                state.addresses.node(node.number),
            );
            commands.push(format!("route replace {pods} via {via} proto 213"));
        }
        ip_batch(Some(&format!("{PREFIX}{member}")), &commands).await?;
    }
    Ok(())
}

/// Everything that has a namespace.
pub(crate) fn members(state: &State) -> Vec<String> {
    std::iter::once(PLANE.to_owned())
        .chain(state.nodes.keys().cloned())
        .collect()
}

fn address_of(state: &State, member: &str) -> std::net::Ipv4Addr {
    state
        .nodes
        .get(member)
        .map_or(state.addresses.plane(), |node| state.addresses.node(node.number))
}

/// Kernel settings of a new namespace that nodes rely on. `/proc/sys/net` shows the namespace of who looks.
async fn settle(member: &str) -> Result<(), SandboxError> {
    const SETTINGS: &str = "cd /proc/sys/net/ipv4 && echo 1 >ip_forward && echo 0 >conf/all/rp_filter && \
                            echo 0 >conf/default/rp_filter";
    let space = format!("--net={}", namespace(member).display());
    run(
        command("nsenter", &[&space, "--", "/bin/sh", "-c", SETTINGS]),
        None,
    )
    .await
    .map(drop)
}

/// Removes the namespace of a member; its cable goes with it.
pub(crate) async fn remove_member(member: &str) -> Result<(), SandboxError> {
    remove_link(&format!("{PREFIX}{member}")).await?;
    if namespace(member).exists() {
        ip(&["netns", "del", &format!("{PREFIX}{member}")]).await?;
    }
    Ok(())
}

/// Removes a link of ours, if it is there.
pub(crate) async fn remove_link(name: &str) -> Result<(), SandboxError> {
    if link_exists(name) {
        ip(&["link", "del", name]).await.map(drop)
    } else {
        Ok(())
    }
}

/// Networks this machine reaches otherwise than over our bridge.
pub(crate) fn routed_elsewhere() -> Vec<crate::addresses::Subnet> {
    crate::addresses::routed(&fs::read_to_string("/proc/net/route").unwrap_or_default(), BRIDGE)
}

/// Links of ours on this machine.
pub(crate) fn links() -> Vec<String> {
    names_in("/sys/class/net")
        .into_iter()
        .filter(|name| name == BRIDGE || name.starts_with(PREFIX))
        .collect()
}

/// Namespaces of ours on this machine.
pub(crate) fn namespaces() -> Vec<String> {
    names_in("/run/netns")
        .into_iter()
        .filter(|name| name.starts_with(PREFIX))
        .collect()
}

fn names_in(folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Lets the nodes out through this machine: forwarding, and their addresses hidden behind its own.
pub(crate) async fn open_egress(addresses: &AddressPlan) -> Result<(), SandboxError> {
    fs::write("/proc/sys/net/ipv4/ip_forward", "1").on("write", "/proc/sys/net/ipv4/ip_forward")?;
    let rules = format!(
        "*nat\n:{CHAIN} - [0:0]\n-A {CHAIN} -s {nodes} ! -d {block} -j MASQUERADE\nCOMMIT\n\
         *filter\n:{CHAIN} - [0:0]\n-A {CHAIN} -i {BRIDGE} -j ACCEPT\n\
         -A {CHAIN} -o {BRIDGE} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\nCOMMIT\n",
        nodes = addresses.nodes(),
        block = addresses.block(),
    );
    run(command("iptables-restore", &["--noflush"]), Some(rules)).await?;
    for (table, hook) in EGRESS_HOOKS {
        let check = command("iptables", &["-t", table, "-C", hook, "-j", CHAIN]);
        if run(check, None).await.is_err() {
            run(command("iptables", &["-t", table, "-I", hook, "-j", CHAIN]), None).await?;
        }
    }
    Ok(())
}

const EGRESS_HOOKS: [(&str, &str); 2] = [("nat", "POSTROUTING"), ("filter", "FORWARD")];

/// Takes our chains out of this machine's tables.
pub(crate) async fn close_egress() {
    for (table, hook) in EGRESS_HOOKS {
        for rest in [
            vec!["-D", hook, "-j", CHAIN],
            vec!["-F", CHAIN],
            vec!["-X", CHAIN],
        ] {
            let mut words = vec!["-t", table];
            words.extend(rest);
            let _absent_when_never_opened = run(command("iptables", &words), None).await;
        }
    }
}

/// Rules and chains of ours in this machine's tables.
pub(crate) async fn rules() -> Vec<String> {
    let listed = run(command("iptables-save", &[]), None).await.unwrap_or_default();
    listed
        .lines()
        .filter(|line| line.contains(CHAIN))
        .map(str::to_owned)
        .collect()
}

async fn ip(words: &[&str]) -> Result<String, SandboxError> {
    run(command("ip", words), None).await
}

/// Runs many `ip` commands in one process.
async fn ip_batch(space: Option<&str>, commands: &[String]) -> Result<(), SandboxError> {
    let mut words = vec!["-batch", "-"];
    if let Some(space) = space {
        words.splice(0..0, ["-netns", space]);
    }
    run(command("ip", &words), Some(commands.join("\n")))
        .await
        .map(drop)
}

fn command(program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
}

/// Runs a program to its end and returns what it printed.
pub(crate) async fn run(mut command: Command, input: Option<String>) -> Result<String, SandboxError> {
    let line = format!("{:?}", command.as_std()).replace('"', "");
    let failed = |source| SandboxError::Start {
        name: line.clone(),
        source,
    };
    let stdin = if input.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(text.as_bytes()).await.map_err(failed)?;
    }
    let output = child.wait_with_output().await.map_err(failed)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stderr, output.stdout].concat();
    Err(SandboxError::RunTool {
        command: line,
        output: String::from_utf8_lossy(&said).trim().to_owned(),
    })
}
