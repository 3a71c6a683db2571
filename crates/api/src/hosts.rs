//! Clusters that can be hosts: the contexts of all kubeconfigs, which of them to use, and how they are.

mod doctor;
mod health;
mod limits;
mod trouble;

use cluster::{Cluster, HostContext, KubeconfigSources};
use plan::HostSettings;
use serde::Serialize;
use ts_rs::TS;

use crate::settings::Settings;
use crate::{Code, Error, sandbox};

pub use doctor::{DoctorReport, DoctorStep, StepName, StepState, doctor};
pub use health::{HostHealth, HostState, MissingRight, PoolView, probe};

/// All contexts, and what could not be read.
#[derive(Debug, Clone, Serialize, TS)]
pub struct HostList {
    /// The contexts, and the sandbox in any case.
    pub hosts: Vec<HostView>,
    /// Kubeconfig files, or parts of them, that cannot be read.
    pub problems: Vec<FileProblem>,
}

/// One context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HostView {
    /// Its name.
    pub name: String,
    /// The file that defines it.
    pub file: String,
    /// The address of its API server; nothing while the sandbox is down.
    pub server: Option<String>,
    /// Whether a boot takes it when no host is named.
    pub default: bool,
    /// Whether it is the host on this machine.
    pub sandbox: bool,
    /// The namespace that the context names.
    pub namespace_default: Option<String>,
}

/// A kubeconfig file that cannot be read.
#[derive(Debug, Clone, Serialize, TS)]
pub struct FileProblem {
    /// The file.
    pub file: String,
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

/// Every context, without asking any server, and the sandbox.
pub fn list() -> Result<HostList, Error> {
    let (contexts, problems) = cluster::contexts(&sources());
    let settings = Settings::load()?;
    let problems = problems.into_iter().map(|problem| FileProblem {
        file: problem.file.display().to_string(),
        message: problem.message,
    });
    Ok(HostList {
        hosts: views(&contexts, settings.default_host.as_deref()),
        problems: problems.collect(),
    })
}

fn views(contexts: &[HostContext], configured: Option<&str>) -> Vec<HostView> {
    let default = candidates(contexts, configured)
        .first()
        .map(|context| &context.name);
    let mut views: Vec<HostView> = contexts
        .iter()
        .map(|context| HostView {
            name: context.name.clone(),
            file: context.file.display().to_string(),
            server: context.server.clone(),
            default: default == Some(&context.name),
            sandbox: context.name == sandbox::CONTEXT,
            namespace_default: context.namespace.clone(),
        })
        .collect();
    if !views.iter().any(|view| view.sandbox) {
        views.push(HostView {
            name: sandbox::CONTEXT.to_owned(),
            file: sandbox::kubeconfig_place().display().to_string(),
            server: None,
            default: false,
            sandbox: true,
            namespace_default: None,
        });
    }
    views
}

/// The version of a host.
pub async fn version(name: &str) -> Result<String, Error> {
    match find(name)? {
        Known::Context(context) => {
            if let Some(problem) = &context.problem {
                return Err(Error::new(Code::Host, problem));
            }
            Ok(Cluster::connect(&context).await?.version().await?.git_version)
        }
        Known::SandboxDown => Err(Error::new(Code::Host, SANDBOX_IS_DOWN)),
    }
}

/// The name of the host that a command takes when none is named.
pub fn default_name() -> Result<String, Error> {
    let all = list()?.hosts;
    let found = all
        .iter()
        .find(|host| host.default)
        .or_else(|| all.iter().find(|host| host.sandbox));
    Ok(found.map_or_else(|| sandbox::CONTEXT.to_owned(), |host| host.name.clone()))
}

pub(crate) const SANDBOX_IS_DOWN: &str = "the sandbox is down; `taskwright sandbox up` starts it";

/// What a name stands for.
enum Known {
    Context(Box<HostContext>),
    /// The sandbox, which has no kubeconfig while it is down.
    SandboxDown,
}

fn find(name: &str) -> Result<Known, Error> {
    let (contexts, _) = cluster::contexts(&sources());
    match named(&contexts, name) {
        Ok(context) => Ok(Known::Context(Box::new(context.clone()))),
        Err(_) if name == sandbox::CONTEXT => Ok(Known::SandboxDown),
        Err(error) => Err(error),
    }
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

/// What is set for the host that is named, or that a boot would try first, without asking any host: the mirror of the
/// sandbox is known while there is a sandbox.
pub(crate) fn settings_unasked(wanted: Option<&str>) -> Result<HostSettings, Error> {
    let (contexts, _) = cluster::contexts(&sources());
    let settings = Settings::load()?;
    let name = match wanted.or(settings.default_host.as_deref()) {
        Some(name) => Some(named(&contexts, name)?.name.clone()),
        None => candidates(&contexts, None)
            .first()
            .map(|context| context.name.clone()),
    };
    let Some(name) = name else {
        return Ok(HostSettings::default());
    };
    let mut set = settings.host(&name);
    if name == sandbox::CONTEXT && set.mirror.is_none() {
        set.mirror = sandbox::mirror();
    }
    Ok(set)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn context(name: &str, current: bool) -> HostContext {
        HostContext {
            name: name.to_owned(),
            file: "/home/you/.kube/config".into(),
            cluster: String::new(),
            server: Some(format!("https://{name}:6443")),
            user: None,
            namespace: Some("tasks".to_owned()),
            current,
            problem: None,
            files: Vec::new(),
        }
    }

    fn shown(contexts: &[HostContext], configured: Option<&str>) -> Vec<String> {
        let mark = |is: bool, mark: &str| if is { mark.to_owned() } else { String::new() };
        let line = |view: HostView| {
            let marks = mark(view.default, "*") + &mark(view.sandbox, "sandbox");
            format!("{marks} {} {}", view.name, view.server.unwrap_or_default())
                .trim()
                .to_owned()
        };
        views(contexts, configured).into_iter().map(line).collect()
    }

    #[test]
    fn the_sandbox_is_listed_also_when_it_is_down() {
        let lab = context("lab", true);
        assert_eq!(shown(&[], None), ["sandbox taskwright-sandbox"]);
        let down = ["* lab https://lab:6443", "sandbox taskwright-sandbox"];
        assert_eq!(shown(std::slice::from_ref(&lab), None), down);
        let up = [lab, context(sandbox::CONTEXT, false)];
        let sandbox = "taskwright-sandbox https://taskwright-sandbox:6443";
        assert_eq!(
            shown(&up, None),
            ["lab https://lab:6443".to_owned(), format!("*sandbox {sandbox}")]
        );
        assert_eq!(
            shown(&up, Some("lab")),
            ["* lab https://lab:6443".to_owned(), format!("sandbox {sandbox}")]
        );
    }
}
