//! The doctor: walks the way to a host step by step, and says of each whether it is well, and what to do if not.

mod steps;
#[cfg(test)]
mod tests;

use std::time::Instant;

use cluster::route::{self, SignIn};
use cluster::{Cluster, HostContext, PluginError, Route};
use plan::HostSettings;
use serde::Serialize;
use ts_rs::TS;

use super::health::{answer, look, milliseconds, trouble};
use super::limits::Limits;
use super::trouble::Trouble;
use super::{Known, find};
use crate::settings::Settings;
use crate::{Error, sandbox};

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoctorReport {
    /// The context that was looked at.
    pub context: String,
    /// The steps in their order; `plugin` only where there is one.
    pub steps: Vec<DoctorStep>,
}

impl DoctorReport {
    /// The first step that failed.
    pub fn failed(&self) -> Option<&DoctorStep> {
        self.steps.iter().find(|step| step.state == StepState::Failed)
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DoctorStep {
    /// Which.
    pub name: StepName,
    /// The same for people.
    pub title: String,
    /// How it went.
    pub state: StepState,
    /// What was found.
    pub detail: String,
    /// What to do about it.
    pub fix: Option<String>,
    /// The words of whatever failed.
    pub raw: Option<String>,
}

/// The steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum StepName {
    /// The context is complete.
    Kubeconfig,
    /// The credential plugin gives a credential.
    Plugin,
    /// What is shown to the server.
    Credentials,
    /// The server's name.
    Dns,
    /// A connection.
    Tcp,
    /// An encrypted connection to the right server.
    Tls,
    /// The API server answers and knows us.
    Api,
    /// A boot may do what it must.
    Permissions,
    /// Claims get volumes.
    Storage,
    /// There are nodes.
    Pools,
}

impl StepName {
    fn title(self) -> &'static str {
        match self {
            Self::Kubeconfig => "Kubeconfig",
            Self::Plugin => "Credential plugin",
            Self::Credentials => "Credentials",
            Self::Dns => "Name",
            Self::Tcp => "Connection",
            Self::Tls => "TLS",
            Self::Api => "API",
            Self::Permissions => "Permissions",
            Self::Storage => "Storage",
            Self::Pools => "Pools",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Well.
    Ok,
    /// Something is to be known, but a boot works.
    Warning,
    /// Not well.
    Failed,
    /// Not tried, because an earlier step failed.
    Skipped,
}

/// Examines the way to a host; tells each step once it is done, in their order.
///
/// # Errors
/// When no context has this name, or the settings cannot be read.
pub async fn doctor(context: &str, mut told: impl FnMut(&DoctorStep) + Send) -> Result<DoctorReport, Error> {
    let settings = Settings::load()?.host(context);
    let findings = Findings {
        steps: Vec::new(),
        told: &mut told,
    };
    let steps = match find(context)? {
        Known::Context(found) => examine(&found, &settings, &Limits::default(), findings).await,
        Known::SandboxDown => {
            let down = Trouble::new("the sandbox is down and has no kubeconfig", super::trouble::RAISE);
            findings.end(DoctorStep::failed(StepName::Kubeconfig, down), &AFTER_KUBECONFIG)
        }
    };
    Ok(DoctorReport {
        context: context.to_owned(),
        steps,
    })
}

const AFTER_KUBECONFIG: [StepName; 8] = [
    StepName::Credentials,
    StepName::Dns,
    StepName::Tcp,
    StepName::Tls,
    StepName::Api,
    StepName::Permissions,
    StepName::Storage,
    StepName::Pools,
];
const AFTER_API: [StepName; 3] = [StepName::Permissions, StepName::Storage, StepName::Pools];

/// What was found so far, and who hears of it.
struct Findings<'a> {
    steps: Vec<DoctorStep>,
    told: &'a mut (dyn FnMut(&DoctorStep) + Send),
}

impl Findings<'_> {
    fn add(&mut self, steps: impl IntoIterator<Item = DoctorStep>) {
        for step in steps {
            (self.told)(&step);
            self.steps.push(step);
        }
    }

    fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| step.state == StepState::Failed)
    }

    /// All steps, of which the rest cannot be tried after the last one.
    fn end(mut self, last: DoctorStep, rest: &[StepName]) -> Vec<DoctorStep> {
        self.add(stopped(vec![last], rest));
        self.steps
    }
}

async fn examine(
    context: &HostContext,
    settings: &HostSettings,
    limits: &Limits,
    mut findings: Findings<'_>,
) -> Vec<DoctorStep> {
    let route = match Route::of(context).await {
        Ok(route) => route,
        Err(error) => {
            let failed = DoctorStep::failed(StepName::Kubeconfig, Trouble::of_connection(&error));
            return findings.end(failed, &AFTER_KUBECONFIG);
        }
    };
    findings.add([steps::kubeconfig(context)]);
    let signing = async {
        let (steps, sign_in) = sign_in(&route).await;
        findings.add(steps);
        sign_in
    };
    let (sign_in, way) = futures::join!(signing, way(context, &route, limits));
    findings.add(way);
    if findings.has_failed() {
        return findings.end(DoctorStep::skipped(StepName::Api), &AFTER_API);
    }
    match api(context, route, sign_in, limits).await {
        Ok((step, cluster)) => {
            findings.add([step]);
            findings.add(steps::host(&look(&cluster, settings, limits).await, settings));
            findings.steps
        }
        Err(trouble) => findings.end(DoctorStep::failed(StepName::Api, trouble), &AFTER_API),
    }
}

fn stopped(done: Vec<DoctorStep>, rest: &[StepName]) -> Vec<DoctorStep> {
    done.into_iter()
        .chain(rest.iter().copied().map(DoctorStep::skipped))
        .collect()
}

/// The plugin and what our user shows.
async fn sign_in(route: &Route) -> (Vec<DoctorStep>, Option<SignIn>) {
    let Some(plugin) = route.plugin() else {
        return (vec![steps::credentials(&route.evidence(), None)], None);
    };
    match route.sign_in().await {
        Ok(sign_in) => {
            let steps = vec![
                DoctorStep::ok(StepName::Plugin, steps::plugin(&plugin)),
                steps::credentials(&route.evidence(), sign_in.as_ref()),
            ];
            (steps, sign_in)
        }
        Err(error) => {
            let shell = match &error {
                PluginError::Start { is_missing: true, .. } => route::login_shell(&plugin.program).await,
                _ => None,
            };
            let trouble = steps::plugin_trouble(&error, shell.as_ref());
            let failed = DoctorStep::failed(StepName::Plugin, trouble);
            (stopped(vec![failed], &[StepName::Credentials]), None)
        }
    }
}

/// Name, connection, TLS; the first that fails ends it.
async fn way(context: &HostContext, route: &Route, limits: &Limits) -> Vec<DoctorStep> {
    let mut done = Vec::new();
    let step = name(route, limits).await;
    let is_lost = step.state == StepState::Failed;
    done.push(step);
    if is_lost {
        return stopped(done, &[StepName::Tcp, StepName::Tls]);
    }
    let (began, server) = (Instant::now(), steps::place(route));
    let link = |problem| {
        let trouble = Trouble::of_link(&server, &problem);
        let is_sandbox = context.name == sandbox::CONTEXT;
        if is_sandbox {
            trouble.for_sandbox(&problem)
        } else {
            trouble
        }
    };
    match within(limits.tcp, route.dial()).await {
        Ok(()) => done.push(DoctorStep::ok(
            StepName::Tcp,
            steps::connected(route, milliseconds(began)),
        )),
        Err(problem) => {
            done.push(DoctorStep::failed(StepName::Tcp, link(problem)));
            return stopped(done, &[StepName::Tls]);
        }
    }
    done.push(if route.is_encrypted() {
        match within(limits.tls, route.shake_hands()).await {
            Ok(end) => steps::encrypted(end),
            Err(problem) => DoctorStep::failed(StepName::Tls, link(problem)),
        }
    } else {
        steps::not_encrypted()
    });
    done
}

async fn name(route: &Route, limits: &Limits) -> DoctorStep {
    let hop = route.first_hop();
    if let Some(address) = hop.address() {
        return DoctorStep::ok(
            StepName::Dns,
            format!("{address} is an address, there is no name to look up"),
        );
    }
    match tokio::time::timeout(limits.name, route.resolve()).await {
        Ok(found) => steps::resolved(&hop.host, &found),
        Err(_) => steps::resolved(
            &hop.host,
            &Err(format!("no answer within {} s", limits.name.as_secs())),
        ),
    }
}

async fn within<T>(
    limit: std::time::Duration,
    work: impl Future<Output = Result<T, cluster::LinkProblem>>,
) -> Result<T, cluster::LinkProblem> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(cluster::LinkProblem::TimedOut))
}

async fn api(
    context: &HostContext,
    route: Route,
    sign_in: Option<SignIn>,
    limits: &Limits,
) -> Result<(DoctorStep, Cluster), Trouble> {
    let server = route.server().to_string();
    let connected = tokio::time::timeout(limits.api, route.connect(sign_in)).await;
    let cluster = match connected {
        Ok(connected) => connected.map_err(|error| trouble(context, &error))?,
        Err(_) => return Err(Trouble::of_link(&server, &cluster::LinkProblem::TimedOut)),
    };
    let (version, latency) = answer(&cluster, limits).await?;
    let step = DoctorStep::ok(StepName::Api, format!("{version} answered in {latency} ms"));
    Ok((step, cluster))
}
