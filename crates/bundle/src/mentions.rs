//! What a statement names in code: commands, files of the terminal, objects, and ports of services. Whoever reads it will
//! look for them.

use std::collections::BTreeSet;

/// Where files of a terminal lie; other paths are most often those of addresses.
const ROOTS: [&str; 11] = [
    "~/", "/etc/", "/home/", "/mnt/", "/opt/", "/root/", "/srv/", "/tmp/", "/usr/", "/var/", "/bin/",
];
/// Languages of blocks that are typed into a shell.
const SHELLS: [&str; 5] = ["bash", "console", "sh", "shell", "shell-session"];
/// Resources that people name with their objects, as kubectl takes them.
const RESOURCES: [&str; 30] = [
    "certificate",
    "configmap",
    "cm",
    "cronjob",
    "cj",
    "daemonset",
    "ds",
    "deployment",
    "deploy",
    "gateway",
    "horizontalpodautoscaler",
    "hpa",
    "ingress",
    "ing",
    "job",
    "namespace",
    "ns",
    "networkpolicy",
    "netpol",
    "persistentvolumeclaim",
    "pod",
    "po",
    "pvc",
    "secret",
    "service",
    "serviceaccount",
    "statefulset",
    "sts",
    "svc",
    "virtualservice",
];

/// Something that a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mention {
    /// A program of the terminal.
    Command(String),
    /// A file of the terminal; `~` is the candidate's home.
    File(String),
    /// An object, in whichever namespace.
    Object {
        /// The resource as kubectl takes it.
        resource: String,
        /// The object's name.
        name: String,
    },
    /// A port of a service.
    Port {
        /// The service's name.
        service: String,
        /// Its namespace, if it is named.
        namespace: Option<String>,
        /// The port.
        port: u16,
    },
}

/// Everything that a Markdown text names in code, once each.
pub fn mentions(markdown: &str) -> BTreeSet<Mention> {
    let mut found = BTreeSet::new();
    let mut block: Option<bool> = None;
    for line in markdown.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            block = match block {
                Some(_) => None,
                None => Some(SHELLS.contains(&language.trim())),
            };
            continue;
        }
        match block {
            Some(true) => found.extend(typed(line)),
            Some(false) => {}
            // Every second piece between back-ticks is code.
            None => found.extend(line.split('`').skip(1).step_by(2).filter_map(named)),
        }
    }
    found
}

/// What a line of a shell's block names: the program.
fn typed(line: &str) -> Option<Mention> {
    let line = line.trim().trim_start_matches("$ ");
    program(line.split_whitespace().next()?)
}

/// What a piece of code in a sentence names.
fn named(code: &str) -> Option<Mention> {
    let mut words = code.split_whitespace();
    let first = words.next()?;
    if words.next().is_some() {
        return program(first);
    }
    if ROOTS.iter().any(|root| first.starts_with(root)) {
        return Some(Mention::File(first.to_owned()));
    }
    object(first).or_else(|| port(first))
}

fn program(word: &str) -> Option<Mention> {
    let is_program = word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
    is_program.then(|| Mention::Command(word.to_owned()))
}

fn object(word: &str) -> Option<Mention> {
    let (resource, name) = word.split_once('/')?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    let singular = resource.strip_suffix('s').unwrap_or(resource);
    let is_resource = RESOURCES.contains(&resource) || RESOURCES.contains(&singular);
    (is_name && is_resource).then(|| Mention::Object {
        resource: resource.to_owned(),
        name: name.to_owned(),
    })
}

fn port(word: &str) -> Option<Mention> {
    let word = word
        .strip_prefix("http://")
        .or(word.strip_prefix("https://"))
        .unwrap_or(word);
    let word = word.split('/').next().unwrap_or(word);
    let (host, port) = word.split_once(':')?;
    let mut labels = host.split('.');
    let service = labels.next().filter(|service| !service.is_empty())?;
    let is_label = |label: &str| {
        label
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let is_name = host.starts_with(|c: char| c.is_ascii_lowercase()) && host.split('.').all(is_label);
    // `localhost` is where the candidate sits, which no service is.
    (is_name && service != "localhost").then_some(())?;
    Some(Mention::Port {
        service: service.to_owned(),
        namespace: labels.next().map(str::to_owned),
        port: port.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_told_from_prose() {
        let text = "Use `kubectl get pods` and look at `deployment/web`, `svc/orders` and `~/notes.txt`.\n\
                    The shop listens on `web.shop.svc:8080`; ask `http://orders:80/health` or `/accounts/login`.\n\
                    Not these: `spec.replicas`, `true`, `a/b`, `localhost:80`, `web:http`.\n\n\
                    ```bash\n$ psql -c 'select 1'\n```\n```yaml\nkind: Pod\n```\n";
        let port = |service: &str, namespace: Option<&str>, port| Mention::Port {
            service: service.into(),
            namespace: namespace.map(str::to_owned),
            port,
        };
        let object = |resource: &str, name: &str| Mention::Object {
            resource: resource.into(),
            name: name.into(),
        };
        let expected: BTreeSet<Mention> = [
            Mention::Command("kubectl".into()),
            Mention::Command("psql".into()),
            Mention::File("~/notes.txt".into()),
            object("deployment", "web"),
            object("svc", "orders"),
            port("web", Some("shop"), 8080),
            port("orders", None, 80),
        ]
        .into();
        assert_eq!(mentions(text), expected);
    }
}
