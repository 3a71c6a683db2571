//! Clusters that can be hosts: the contexts of all kubeconfigs, and which of them to use.

use std::path::PathBuf;

use cluster::{Cluster, HostContext, KubeconfigSources};
use futures::future::join_all;
use serde::Serialize;

use crate::settings::Settings;
use crate::{Code, Error, sandbox};

/// All contexts, and what could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct Hosts {
    /// The contexts.
    pub hosts: Vec<HostView>,
    /// Kubeconfig files, or parts of them, that cannot be read.
    pub problems: Vec<FileProblem>,
}

/// One context.
#[derive(Debug, Clone, Serialize)]
pub struct HostView {
    /// Its name.
    pub name: String,
    /// The file that defines it.
    pub file: PathBuf,
    /// The address of its API server.
    pub server: Option<String>,
    /// Whether a boot takes it when no host is named.
    pub default: bool,
    /// What the server says about itself, when it was reached.
    pub version: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// A kubeconfig file that cannot be read.
#[derive(Debug, Clone, Serialize)]
pub struct FileProblem {
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

/// A host that answers.
#[derive(Clone)]
pub struct Host {
    /// The connection with all that a boot needs.
    pub(crate) inner: preview::Host,
}

impl Host {
    /// Name of its context.
    pub fn context(&self) -> &str {
        &self.inner.context
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        &self.inner.cluster
    }
}

/// What there is to boot on.
pub enum Choice {
    /// A host that answers.
    Host(Box<Host>),
    /// No host answers; the sandbox could be started.
    OfferSandbox {
        /// Why there is no other.
        reason: String,
    },
}

/// Looks at every context and asks each server who it is.
pub async fn list() -> Result<Hosts, Error> {
    let (contexts, problems) = cluster::contexts(&sources());
    let settings = Settings::load()?;
    let default = candidates(&contexts, settings.default_host.as_deref())
        .first()
        .map(|context| context.name.clone());
    let hosts = join_all(contexts.iter().map(|context| view(context, default.as_deref()))).await;
    let problems = problems.into_iter().map(|problem| FileProblem {
        file: problem.file,
        message: problem.message,
    });
    Ok(Hosts {
        hosts,
        problems: problems.collect(),
    })
}

async fn view(context: &HostContext, default: Option<&str>) -> HostView {
    let answer = match &context.problem {
        Some(problem) => Err(problem.clone()),
        None => reach(context).await.map_err(|error| error.message),
    };
    HostView {
        name: context.name.clone(),
        file: context.file.clone(),
        server: context.server.clone(),
        default: default == Some(&context.name),
        version: answer.as_ref().ok().cloned(),
        problem: answer.err(),
    }
}

async fn reach(context: &HostContext) -> Result<String, Error> {
    let cluster = Cluster::connect(context).await?;
    Ok(cluster.version().await?.git_version)
}

/// The host that is named; without a name the configured one, else the sandbox if it answers, else the current
/// context if it answers.
pub async fn choose(wanted: Option<&str>) -> Result<Choice, Error> {
    let (contexts, _) = cluster::contexts(&sources());
    let settings = Settings::load()?;
    if let Some(name) = wanted.or(settings.default_host.as_deref()) {
        let context = named(&contexts, name)?;
        return Ok(Choice::Host(Box::new(connect(context).await?)));
    }
    let mut reason = "no kubeconfig names a host".to_owned();
    for context in candidates(&contexts, None) {
        match connect(context).await {
            Ok(host) => return Ok(Choice::Host(Box::new(host))),
            Err(error) => reason = format!("context `{}`: {}", context.name, error.message),
        }
    }
    Ok(Choice::OfferSandbox { reason })
}

/// As [`choose`], for commands that have nothing to start: having no host is an error.
pub async fn require(wanted: Option<&str>) -> Result<Host, Error> {
    match choose(wanted).await? {
        Choice::Host(host) => Ok(*host),
        Choice::OfferSandbox { reason } => Err(Error::new(
            Code::Host,
            format!("no host can be reached: {reason}"),
        )
        .hint("name one with --host; `taskwright hosts` shows them all")
        .hint("or start one on this machine with `taskwright sandbox up`")),
    }
}

/// Contexts to try in turn when none is named.
fn candidates<'a>(contexts: &'a [HostContext], configured: Option<&str>) -> Vec<&'a HostContext> {
    if let Some(name) = configured {
        return contexts.iter().filter(|context| context.name == name).collect();
    }
    let of_sandbox = contexts.iter().filter(|context| context.name == sandbox::CONTEXT);
    let current = contexts
        .iter()
        .filter(|context| context.current && context.name != sandbox::CONTEXT);
    of_sandbox.chain(current).collect()
}

fn named<'a>(contexts: &'a [HostContext], name: &str) -> Result<&'a HostContext, Error> {
    contexts
        .iter()
        .find(|context| context.name == name)
        .ok_or_else(|| {
            let known: Vec<String> = contexts
                .iter()
                .map(|context| format!("`{}`", context.name))
                .collect();
            let error = Error::new(Code::Host, format!("there is no context `{name}`"));
            if known.is_empty() {
                error.hint(
                    "no kubeconfig has a context; `taskwright sandbox up` starts a host on this machine",
                )
            } else {
                error.hint(format!("there are {}", known.join(", ")))
            }
        })
}

async fn connect(context: &HostContext) -> Result<Host, Error> {
    let cluster = Cluster::connect(context).await?;
    let settings = sandbox::settings_for(context, Settings::load()?.host(&context.name)).await?;
    let helm = sandbox::helm(settings.helm.as_deref()).await?;
    Ok(Host {
        inner: preview::Host {
            cluster,
            context: context.name.clone(),
            settings,
            helm,
        },
    })
}

/// The usual kubeconfigs, and that of the sandbox if there is one.
fn sources() -> KubeconfigSources {
    let sources = KubeconfigSources::from_env();
    match sandbox::kubeconfig() {
        Some(file) => sources.with(file),
        None => sources,
    }
}
