//! The contexts of all kubeconfig files; a bad file or context never hides the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;
use serde_json::{Value, json};

use crate::error::ConnectError;
use crate::{environment, secrets};

/// The kubeconfig files to read; where two define the same name, the first wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KubeconfigSources {
    /// The files, first wins.
    pub files: Vec<PathBuf>,
}

impl KubeconfigSources {
    /// The files of `KUBECONFIG`, then `~/.kube/config`.
    pub fn from_env() -> Self {
        let listed = environment::variable("KUBECONFIG");
        Self::from_parts(listed.as_deref(), environment::home().as_deref())
    }

    fn from_parts(listed: Option<&std::ffi::OsStr>, home: Option<&Path>) -> Self {
        let mut sources = Self::default();
        for file in listed.iter().flat_map(|list| std::env::split_paths(list)) {
            sources.add(file);
        }
        if let Some(home) = home {
            let usual = home.join(".kube").join("config");
            if usual.is_file() {
                sources.add(usual);
            }
        }
        sources
    }

    /// One more file, looked at last.
    #[must_use]
    pub fn with(mut self, file: impl Into<PathBuf>) -> Self {
        self.add(file.into());
        self
    }

    fn add(&mut self, file: PathBuf) {
        if !file.as_os_str().is_empty() && !self.files.contains(&file) {
            self.files.push(file);
        }
    }
}

/// A context that names a host cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostContext {
    /// The context's name.
    pub name: String,
    /// The file that defines it.
    pub file: PathBuf,
    /// The name of its cluster.
    pub cluster: String,
    /// The address of the API server, for people: without a password that it may carry.
    pub server: Option<String>,
    /// The name of its user.
    pub user: Option<String>,
    /// Its default namespace.
    pub namespace: Option<String>,
    /// Whether it is the current context.
    pub current: bool,
    /// Why it cannot be connected to, when that is plain from the file.
    pub problem: Option<String>,
    /// All files read together: cluster and user may stand in another file than the context.
    pub files: Vec<PathBuf>,
}

/// A kubeconfig file, or a part of one, that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeconfigProblem {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

/// Lists the contexts of all files, and what cannot be read.
pub fn contexts(sources: &KubeconfigSources) -> (Vec<HostContext>, Vec<KubeconfigProblem>) {
    let (merged, problems) = Merged::read(&sources.files);
    (merged.contexts(), problems)
}

/// The kubeconfig of one context alone, with every path made absolute.
pub(crate) fn kubeconfig_of(context: &HostContext) -> Result<Kubeconfig, ConnectError> {
    let (merged, problems) = Merged::read(&context.files);
    let broken = |problem: String| ConnectError::Context {
        context: context.name.clone(),
        problem,
    };
    let Some(entry) = merged.contexts.get(&context.name) else {
        let of_file = problems.into_iter().find(|problem| problem.file == context.file);
        return Err(of_file.map_or_else(
            || broken("it is no longer in its file".into()),
            |problem| ConnectError::Kubeconfig {
                file: Some(problem.file),
                detail: problem.message,
            },
        ));
    };
    if let Some(problem) = merged.problem_of(entry) {
        return Err(broken(problem));
    }
    serde_json::from_value(merged.document_of(&context.name, entry))
        .map_err(|error| broken(error.to_string()))
}

/// One named stanza with the file it came from.
#[derive(Debug)]
struct Stanza {
    file: PathBuf,
    body: Value,
}

impl Stanza {
    fn text(&self, key: &str) -> Option<String> {
        self.body
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// The body with paths resolved against the folder of its file.
    fn absolute(&self, paths: &[&str]) -> Value {
        let mut body = self.body.clone();
        for key in paths {
            if let Some(value) = body.get_mut(*key) {
                make_absolute(value, &self.file);
            }
        }
        if let Some(command) = body.pointer_mut("/exec/command")
            && command.as_str().is_some_and(|command| command.contains('/'))
        {
            make_absolute(command, &self.file);
        }
        body
    }
}

fn make_absolute(value: &mut Value, file: &Path) {
    if let (Some(path), Some(folder)) = (value.as_str(), file.parent()) {
        *value = json!(folder.join(path));
    }
}

#[derive(Debug, Default)]
struct Merged {
    files: Vec<PathBuf>,
    order: Vec<String>,
    contexts: BTreeMap<String, Stanza>,
    clusters: BTreeMap<String, Stanza>,
    users: BTreeMap<String, Stanza>,
    current: Option<String>,
}

impl Merged {
    fn read(files: &[PathBuf]) -> (Self, Vec<KubeconfigProblem>) {
        let mut merged = Self {
            files: files.to_vec(),
            ..Self::default()
        };
        let mut problems = Vec::new();
        for file in files {
            match read_document(file) {
                Ok(document) => merged.add(file, &document, &mut problems),
                Err(message) => problems.push(KubeconfigProblem {
                    file: file.clone(),
                    message,
                }),
            }
        }
        (merged, problems)
    }

    fn add(&mut self, file: &Path, document: &Value, problems: &mut Vec<KubeconfigProblem>) {
        if self.current.is_none() {
            self.current = document["current-context"]
                .as_str()
                .filter(|name| !name.is_empty())
                .map(str::to_owned);
        }
        let mut order = Vec::new();
        for (list, inner, into) in [
            ("contexts", "context", &mut self.contexts),
            ("clusters", "cluster", &mut self.clusters),
            ("users", "user", &mut self.users),
        ] {
            for (at, entry) in document[list].as_array().into_iter().flatten().enumerate() {
                let Some(name) = entry["name"].as_str() else {
                    let message = format!("{list}[{at}] has no name");
                    problems.push(KubeconfigProblem {
                        file: file.into(),
                        message,
                    });
                    continue;
                };
                if list == "contexts" && !into.contains_key(name) {
                    order.push(name.to_owned());
                }
                let stanza = Stanza {
                    file: file.into(),
                    body: entry[inner].clone(),
                };
                into.entry(name.to_owned()).or_insert(stanza);
            }
        }
        self.order.append(&mut order);
    }

    fn contexts(&self) -> Vec<HostContext> {
        self.order
            .iter()
            .filter_map(|name| Some(self.context(name, self.contexts.get(name)?)))
            .collect()
    }

    fn context(&self, name: &str, entry: &Stanza) -> HostContext {
        let cluster = entry.text("cluster").unwrap_or_default();
        HostContext {
            name: name.to_owned(),
            file: entry.file.clone(),
            server: self
                .clusters
                .get(&cluster)
                .and_then(|cluster| cluster.text("server"))
                .map(|server| secrets::without_user(&server)),
            cluster,
            user: entry.text("user"),
            namespace: entry.text("namespace"),
            current: self.current.as_deref() == Some(name),
            problem: self.problem_of(entry),
            files: self.files.clone(),
        }
    }

    fn problem_of(&self, context: &Stanza) -> Option<String> {
        let Some(cluster_name) = context.text("cluster") else {
            return Some("it names no cluster".into());
        };
        let Some(cluster) = self.clusters.get(&cluster_name) else {
            return Some(format!("its cluster `{cluster_name}` is not in the kubeconfig"));
        };
        let Some(server) = cluster.text("server") else {
            return Some(format!("its cluster `{cluster_name}` has no server"));
        };
        if server
            .parse::<http::Uri>()
            .map_or(true, |uri| uri.host().is_none())
        {
            return Some(format!("its server `{server}` is not a URL"));
        }
        if cluster.body["insecure-skip-tls-verify"].as_bool() == Some(true) {
            return Some(format!(
                "its cluster `{cluster_name}` turns TLS verification off (insecure-skip-tls-verify); \
                 give certificate-authority-data instead"
            ));
        }
        let user = context.text("user")?;
        (!self.users.contains_key(&user)).then(|| format!("its user `{user}` is not in the kubeconfig"))
    }

    fn document_of(&self, name: &str, context: &Stanza) -> Value {
        let cluster_name = context.text("cluster").unwrap_or_default();
        let cluster = self
            .clusters
            .get(&cluster_name)
            .map(|stanza| stanza.absolute(&["certificate-authority"]));
        let user_name = context.text("user").unwrap_or_default();
        let keys = ["client-certificate", "client-key", "tokenFile"];
        let user = self.users.get(&user_name).map(|stanza| stanza.absolute(&keys));
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{ "name": name, "context": context.body }],
            "clusters": [{ "name": cluster_name, "cluster": cluster }],
            "users": [{ "name": user_name, "user": user.filter(|user| !user.is_null()).unwrap_or_else(|| json!({})) }],
        })
    }
}

fn read_document(file: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("it cannot be read: {error}"))?;
    let document: Value =
        serde_yaml::from_str(&text).map_err(|error| format!("it is not YAML: {}", first_line(&error)))?;
    match document {
        Value::Object(_) => Ok(document),
        Value::Null => Ok(json!({})),
        _ => Err("it is not a kubeconfig: the document is not a mapping".into()),
    }
}

/// Later lines of a YAML error show the source, which may hold a token.
fn first_line(error: &serde_yaml::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
current-context: two
contexts:
- {name: one, context: {cluster: a, user: u, namespace: team}}
- {name: two, context: {cluster: elsewhere, user: u}}
- {name: broken, context: {cluster: nowhere}}
- {name: loose, context: {cluster: loose}}
- {context: {cluster: a}}
clusters:
- {name: a, cluster: {server: 'https://one:6443', certificate-authority: pki/ca.crt}}
- {name: loose, cluster: {server: 'https://l:6443', insecure-skip-tls-verify: true}}
users:
- {name: u, user: {client-certificate: /abs/c.crt, exec: {command: ./plugin, apiVersion: v1}}}
";
    const OTHER: &str = "
current-context: one
contexts:
- {name: one, context: {cluster: other}}
clusters:
- {name: elsewhere, cluster: {server: 'https://two:6443'}}
";

    fn sources(folder: &Path) -> KubeconfigSources {
        std::fs::write(folder.join("good"), GOOD).unwrap();
        std::fs::write(folder.join("other"), OTHER).unwrap();
        std::fs::write(folder.join("bad"), "token: [hunter2").unwrap();
        KubeconfigSources::default()
            .with(folder.join("bad"))
            .with(folder.join("good"))
            .with(folder.join("other"))
    }

    #[test]
    fn a_bad_file_or_context_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (found, problems) = contexts(&sources(folder.path()));
        let names: Vec<&str> = found.iter().map(|context| context.name.as_str()).collect();
        assert_eq!(names, ["one", "two", "broken", "loose"]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(!problems[0].message.contains("hunter2"), "{problems:?}");
        assert_eq!(problems[1].message, "contexts[4] has no name");
    }

    #[test]
    fn the_first_file_wins_and_clusters_may_stand_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let (found, _) = contexts(&sources(folder.path()));
        assert_eq!(found[0].server.as_deref(), Some("https://one:6443"));
        assert_eq!(found[0].namespace.as_deref(), Some("team"));
        assert_eq!(found[1].server.as_deref(), Some("https://two:6443"));
        assert!(found[1].current && !found[0].current);
        assert!(found[1].problem.is_none());
        assert_eq!(
            found[2].problem.as_deref(),
            Some("its cluster `nowhere` is not in the kubeconfig")
        );
        assert!(found[3].problem.as_deref().unwrap().contains("TLS verification"));
    }

    #[test]
    fn paths_are_resolved_against_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (found, _) = contexts(&sources(folder.path()));
        let config = kubeconfig_of(&found[0]).unwrap();
        let cluster = config.clusters[0].cluster.as_ref().unwrap();
        let user = config.auth_infos[0].auth_info.as_ref().unwrap();
        let expected = |path: &str| Some(folder.path().join(path).to_str().unwrap().to_owned());
        assert_eq!(cluster.certificate_authority, expected("pki/ca.crt"));
        assert_eq!(user.client_certificate.as_deref(), Some("/abs/c.crt"));
        assert_eq!(user.exec.as_ref().unwrap().command, expected("./plugin"));
    }

    #[test]
    fn the_environment_lists_files_before_the_usual_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".kube")).unwrap();
        std::fs::write(folder.path().join(".kube/config"), "").unwrap();
        let sources = KubeconfigSources::from_parts(Some("/a::/b:/a".as_ref()), Some(folder.path()));
        assert_eq!(
            sources.files,
            [
                PathBuf::from("/a"),
                "/b".into(),
                folder.path().join(".kube/config")
            ]
        );
        assert!(
            KubeconfigSources::from_parts(None, Some(Path::new("/nowhere")))
                .files
                .is_empty()
        );
    }
}
