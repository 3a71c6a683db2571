//! What was found on the way to a host, as steps for a reader.

use std::net::IpAddr;

use cluster::route::{Evidence, LoginShell, PluginPlace, SignIn};
use cluster::{HostContext, PluginError, Route};
use jiff::{SignedDuration, Timestamp};
use plan::{HostProfile, HostSettings};
use preview::rights::{MissingRight, NEEDED};

use super::{DoctorStep, StepName, StepState};
use crate::hosts::health::{Found, pools};
use crate::hosts::trouble::Trouble;

/// A certificate that ends this soon is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

impl DoctorStep {
    fn new(name: StepName, state: StepState, detail: impl Into<String>) -> Self {
        Self {
            name,
            title: name.title().to_owned(),
            state,
            detail: detail.into(),
            fix: None,
            raw: None,
        }
    }

    pub(super) fn ok(name: StepName, detail: impl Into<String>) -> Self {
        Self::new(name, StepState::Ok, detail)
    }

    pub(super) fn skipped(name: StepName) -> Self {
        Self::new(name, StepState::Skipped, "not tried: an earlier step failed")
    }

    pub(super) fn failed(name: StepName, trouble: Trouble) -> Self {
        Self::wrong(name, StepState::Failed, trouble)
    }

    fn warning(name: StepName, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::wrong(name, StepState::Warning, Trouble::new(detail, fix))
    }

    fn wrong(name: StepName, state: StepState, trouble: Trouble) -> Self {
        Self {
            fix: trouble.fix,
            raw: trouble.raw,
            ..Self::new(name, state, trouble.what)
        }
    }
}

pub(super) fn kubeconfig(context: &HostContext) -> DoctorStep {
    let detail = format!(
        "context {} is complete, from {}",
        context.name,
        context.file.display()
    );
    DoctorStep::ok(StepName::Kubeconfig, detail)
}

pub(super) fn plugin(plugin: &PluginPlace) -> String {
    let place = plugin
        .found
        .as_ref()
        .map_or_else(|| plugin.program.clone(), |found| found.display().to_string());
    format!("{place} gave a credential")
}

/// A plugin that fails; `shell` says where the person's login shell would find it.
pub(super) fn plugin_trouble(error: &PluginError, shell: Option<&LoginShell>) -> Trouble {
    let mut trouble = Trouble::of_plugin(error);
    let Some(shell) = shell else { return trouble };
    if let Some(folder) = shell.found.as_ref().and_then(|found| found.parent()) {
        trouble.fix = Some(format!(
            "Your login shell has it in {}: start this app from a terminal, or add that folder to the PATH of your desktop session.",
            folder.display()
        ));
    }
    let raw = trouble.raw.unwrap_or_default();
    trouble.raw = Some(format!("{raw}\nPATH of the login shell: {}", shell.path));
    trouble
}

pub(super) fn credentials(evidence: &Result<Vec<Evidence>, String>, sign_in: Option<&SignIn>) -> DoctorStep {
    let evidence = match evidence {
        Ok(evidence) => evidence,
        Err(what) => {
            return DoctorStep::failed(
                StepName::Credentials,
                Trouble::new(what, "Correct this user in the kubeconfig, or renew its files."),
            );
        }
    };
    let mut ends: Vec<Timestamp> = Vec::new();
    let mut words: Vec<String> = evidence.iter().map(|one| shown(one, &mut ends)).collect();
    if let Some(sign_in) = sign_in {
        let what = if sign_in.is_token() {
            "a token"
        } else {
            "a certificate"
        };
        words.push(valid(&format!("{what} of the plugin"), sign_in.end()));
    }
    if words.is_empty() {
        let nobody = "this context names no credentials, so the server does not know who asks";
        return DoctorStep::warning(
            StepName::Credentials,
            nobody,
            "Name a user in this context, if the server refuses.",
        );
    }
    until(
        StepName::Credentials,
        words.join(", "),
        ends.into_iter().min(),
        "Renew the client certificate in the kubeconfig.",
    )
}

fn shown(evidence: &Evidence, ends: &mut Vec<Timestamp>) -> String {
    match evidence {
        Evidence::Certificate { end } => {
            ends.extend(end);
            valid("a client certificate", *end)
        }
        Evidence::Token => "a token in the kubeconfig".to_owned(),
        Evidence::TokenFile { file } => format!("a token in {file}"),
        Evidence::Password => "a name and a password".to_owned(),
        Evidence::Provider { name } => format!("the provider `{name}`"),
    }
}

fn valid(what: &str, end: Option<Timestamp>) -> String {
    match end {
        Some(end) => format!("{what}, valid until {}", end.strftime("%Y-%m-%d %H:%M UTC")),
        None => what.to_owned(),
    }
}

/// What holds until `end`.
fn until(name: StepName, detail: String, end: Option<Timestamp>, fix: &str) -> DoctorStep {
    let now = Timestamp::now();
    match end {
        Some(end) if end <= now => {
            DoctorStep::failed(name, Trouble::new(format!("{detail}: that is over"), fix))
        }
        Some(end) if end.duration_since(now) < SOON => DoctorStep::warning(name, detail, fix),
        _ => DoctorStep::ok(name, detail),
    }
}

pub(super) fn resolved(name: &str, found: &Result<Vec<IpAddr>, String>) -> DoctorStep {
    match found {
        Ok(addresses) if !addresses.is_empty() => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            DoctorStep::ok(StepName::Dns, format!("{name} is {}", addresses.join(", ")))
        }
        Ok(_) => unknown(name, "the name has no address"),
        Err(said) => unknown(name, said),
    }
}

fn unknown(name: &str, said: &str) -> DoctorStep {
    let fix = "Check the server's name in the kubeconfig, and this machine's DNS or VPN.";
    DoctorStep::failed(
        StepName::Dns,
        Trouble::new(format!("{name} cannot be found by name"), fix).raw(said),
    )
}

/// Where a connection leads, and through what.
pub(super) fn place(route: &Route) -> String {
    match route.proxy() {
        Some(proxy) => format!("{} through the proxy {}", route.server(), proxy.address),
        None => route.server().to_string(),
    }
}

pub(super) fn connected(route: &Route, took: u64) -> String {
    match route.proxy() {
        None => format!("connected in {took} ms, no proxy"),
        Some(proxy) => {
            let from = if proxy.is_of_kubeconfig {
                "proxy-url of the kubeconfig"
            } else {
                "HTTPS_PROXY"
            };
            format!(
                "connected in {took} ms through the proxy {} ({from})",
                proxy.address
            )
        }
    }
}

pub(super) fn encrypted(end: Option<Timestamp>) -> DoctorStep {
    let signed = "the server's certificate is signed by an authority that the kubeconfig names";
    until(
        StepName::Tls,
        valid(signed, end),
        end,
        "Have the server's certificate renewed.",
    )
}

pub(super) fn not_encrypted() -> DoctorStep {
    DoctorStep::warning(
        StepName::Tls,
        "the server's address begins with http://, so nothing is encrypted",
        "Use an https:// address unless the server is on this machine.",
    )
}

/// What an API server said about rights, storage and nodes.
pub(super) fn host(found: &Found, settings: &HostSettings) -> Vec<DoctorStep> {
    let permissions = match &found.missing {
        Ok(missing) => permissions(missing),
        Err(trouble) => DoctorStep::failed(StepName::Permissions, trouble.clone()),
    };
    let lacks_rights = permissions.state == StepState::Failed;
    let (storage, pools) = match &found.profile {
        Ok(profile) => (storage(profile, settings), nodes(profile)),
        // Nodes that may not be listed are named among the rights.
        Err(_) if lacks_rights => (
            DoctorStep::skipped(StepName::Storage),
            DoctorStep::skipped(StepName::Pools),
        ),
        Err(trouble) => (
            DoctorStep::skipped(StepName::Storage),
            DoctorStep::failed(StepName::Pools, trouble.clone()),
        ),
    };
    vec![permissions, storage, pools]
}

fn permissions(missing: &[MissingRight]) -> DoctorStep {
    if missing.is_empty() {
        return DoctorStep::ok(
            StepName::Permissions,
            format!("all {NEEDED} rights that a boot needs"),
        );
    }
    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let are = if names.len() == 1 { "is" } else { "are" };
    let what = format!(
        "{} of {NEEDED} rights {are} missing: {}",
        names.len(),
        names.join(", ")
    );
    let raw: Vec<String> = names
        .iter()
        .map(|name| format!("SelfSubjectAccessReview {name}: no"))
        .collect();
    let fix = "Ask the administrator for these rights, or choose another host.";
    DoctorStep::failed(StepName::Permissions, Trouble::new(what, fix).raw(raw.join("\n")))
}

fn storage(profile: &HostProfile, settings: &HostSettings) -> DoctorStep {
    let facts = &profile.facts;
    match (&settings.storage_class, &facts.default_storage_class) {
        (Some(set), _) if facts.storage_classes.contains(set) => {
            DoctorStep::ok(StepName::Storage, format!("class {set}, as the settings say"))
        }
        (Some(set), _) => {
            let there = if facts.storage_classes.is_empty() {
                "none".to_owned()
            } else {
                facts.storage_classes.join(", ")
            };
            let what = format!("the settings name the storage class {set}, and the host has {there}");
            DoctorStep::failed(
                StepName::Storage,
                Trouble::new(what, "Correct storageClass of this host in config.yaml."),
            )
        }
        (None, Some(default)) => DoctorStep::ok(StepName::Storage, format!("class {default} is the default")),
        (None, None) => DoctorStep::warning(
            StepName::Storage,
            "no storage class is the default, so tasks that claim volumes do not boot here",
            "Mark a class as the default, or name one as storageClass of this host in config.yaml.",
        ),
    }
}

fn nodes(profile: &HostProfile) -> DoctorStep {
    let number = |number: usize| {
        if number == 1 {
            "1 node".to_owned()
        } else {
            format!("{number} nodes")
        }
    };
    let empty = profile.empty_pools();
    if !empty.is_empty() {
        let what = format!(
            "no node that takes pods is in the {} pool",
            empty.join(" or the ")
        );
        return DoctorStep::failed(
            StepName::Pools,
            Trouble::new(
                what,
                "Add a node, or correct the pools of this host in config.yaml.",
            ),
        );
    }
    let apart = pools(profile);
    let words: Vec<String> = apart
        .iter()
        .map(|pool| format!("{}: {}", pool.pool, number(pool.nodes)))
        .collect();
    if apart.len() == 2 {
        return DoctorStep::ok(StepName::Pools, words.join(", "));
    }
    let all = number(profile.facts.nodes.len());
    let found = if words.is_empty() {
        all
    } else {
        format!("{all}, {}", words.join(", "))
    };
    DoctorStep::warning(
        StepName::Pools,
        format!("{found}; control planes share nodes with tasks"),
        "Label some nodes taskwright.dev/pool=control and others taskwright.dev/pool=task, to keep them apart.",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plan::HostFacts;
    use plan::host::Node;
    use preview::rights::Purpose;

    use super::*;

    fn line(step: &DoctorStep) -> String {
        format!("{:?} {:?}: {}", step.name, step.state, step.detail)
    }

    fn profile(pools: &[&str], default: Option<&str>, settings: &HostSettings) -> HostProfile {
        let node = |pool: &&str| Node {
            name: "n".to_owned(),
            labels: BTreeMap::from([("taskwright.dev/pool".to_owned(), (*pool).to_owned())]),
            ..Node::default()
        };
        let facts = HostFacts {
            nodes: pools.iter().map(node).collect(),
            default_storage_class: default.map(str::to_owned),
            storage_classes: default.map(str::to_owned).into_iter().collect(),
            ..HostFacts::default()
        };
        HostProfile::new(settings, facts)
    }

    #[test]
    fn pools_and_storage_are_judged_by_what_the_host_has() {
        let plain = HostSettings::default();
        let set = HostSettings {
            storage_class: Some("slow".to_owned()),
            ..HostSettings::default()
        };
        let apart = profile(&["control", "task", "task"], Some("fast"), &plain);
        let mixed = profile(&["task"], None, &plain);
        let empty = profile(&[], None, &plain);
        for (step, expected) in [
            (nodes(&apart), "Pools Ok: control: 1 node, task: 2 nodes"),
            (
                nodes(&mixed),
                "Pools Warning: 1 node, task: 1 node; control planes share nodes with tasks",
            ),
            (
                nodes(&empty),
                "Pools Failed: no node that takes pods is in the control or the task pool",
            ),
            (storage(&apart, &plain), "Storage Ok: class fast is the default"),
            (
                storage(&apart, &set),
                "Storage Failed: the settings name the storage class slow, and the host has fast",
            ),
            (
                storage(&mixed, &plain),
                "Storage Warning: no storage class is the default, so tasks that claim volumes do not boot here",
            ),
        ] {
            assert_eq!(line(&step), expected);
        }
    }

    #[test]
    fn rights_that_are_missing_stand_for_facts_that_cannot_be_read() {
        let right = MissingRight {
            verb: "list".to_owned(),
            resource: "nodes".to_owned(),
            purpose: Purpose::Nodes,
        };
        let found = Found {
            missing: Ok(vec![right]),
            profile: Err(Trouble::new("cannot list nodes", "Ask.")),
        };
        let lines: Vec<String> = host(&found, &HostSettings::default()).iter().map(line).collect();
        let skipped = "not tried: an earlier step failed";
        assert_eq!(
            lines,
            [
                format!("Permissions Failed: 1 of {NEEDED} rights is missing: list nodes"),
                format!("Storage Skipped: {skipped}"),
                format!("Pools Skipped: {skipped}"),
            ]
        );
    }

    #[test]
    fn a_certificate_that_is_over_fails_and_one_that_ends_soon_warns() {
        let at = |hours: i64| Some(Timestamp::now() + SignedDuration::from_hours(hours));
        let state = |end| until(StepName::Tls, String::new(), end, "").state;
        let states = [at(-1), at(24), at(24 * 30), None].map(state);
        assert_eq!(
            states,
            [
                StepState::Failed,
                StepState::Warning,
                StepState::Ok,
                StepState::Ok
            ]
        );
    }

    #[test]
    fn a_plugin_that_only_the_login_shell_finds_is_found() {
        let missing = PluginError::Start {
            command: "aws-iam-authenticator token".to_owned(),
            detail: "No such file".to_owned(),
            is_missing: true,
            path: "/usr/bin".to_owned(),
            hint: None,
        };
        let shell = LoginShell {
            path: "/home/you/.local/bin:/usr/bin".to_owned(),
            found: Some("/home/you/.local/bin/aws-iam-authenticator".into()),
        };
        let trouble = plugin_trouble(&missing, Some(&shell));
        assert!(
            trouble
                .fix
                .unwrap()
                .starts_with("Your login shell has it in /home/you/.local/bin: ")
        );
        let raw = "PATH of the app: /usr/bin\nPATH of the login shell: /home/you/.local/bin:/usr/bin";
        assert_eq!(trouble.raw.as_deref(), Some(raw));
    }
}
