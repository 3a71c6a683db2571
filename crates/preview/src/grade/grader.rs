//! The grader's pod: made for one grading, given its kubeconfig over exec, and removed.

use std::time::Duration;

use bundle::Bundle;
use bundle::name::HostPort;
use cluster::{ApplyOptions, Cluster, ExitStatus, ObjectRef};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use plan::grader::{self, Graded, GraderPlan};
use plan::{HostProfile, PreviewId};

use crate::boot::{Host, dependency, host_facts, refusal, trouble};
use crate::failure::{Cause, Failure, within};
use crate::probe::{self, Answer, Asker, Question};
use crate::session;

/// How long the grader may take to start; a cold image pull included.
const READY_WITHIN: Duration = Duration::from_mins(5);
/// How long its way to the task's API may take to open: policies reach the nodes some time after they are made.
const REACHED_WITHIN: Duration = Duration::from_secs(30);
/// Between two attempts; a policy that reaches a node cannot be watched.
const EVERY: Duration = Duration::from_millis(100);
/// A name in the certificate of every vCluster.
const TLS_NAME: &str = "kubernetes.default.svc";
const WRITE_KUBECONFIG: &str = "umask 077; cat >\"$KUBECONFIG\"";

/// One grading's objects, and what it needs to know of the preview.
pub(super) struct Grader {
    pub(super) plan: GraderPlan,
    run: String,
    /// Address of the vCluster's API inside the host.
    api: String,
}

/// Reads what the grader has to know of host and preview.
pub(super) async fn plan(host: &Host, bundle: &Bundle, id: &PreviewId) -> Result<Grader, Failure> {
    let namespace = id.namespace();
    let dns_service = format!("kube-dns-x-kube-system-x-{id}");
    let (facts, api, dns) = futures::try_join!(
        host_facts(&host.cluster),
        host.cluster.get::<Service>(Some(&namespace), id.as_str()),
        host.cluster.get::<Service>(Some(&namespace), &dns_service),
    )
    .map_err(|error| refusal::explain("the host", &error))?;
    let profile = HostProfile::new(&host.settings, facts);
    let missing = |what: &str| {
        Failure::of(Cause::Unreachable {
            api: what.to_owned(),
            message: format!("preview `{id}` has no address for it; wait until it is ready"),
        })
    };
    let dns = dns
        .and_then(address)
        .ok_or_else(|| missing("the vCluster's DNS"))?;
    let api = api
        .and_then(address)
        .ok_or_else(|| missing("the vCluster's API"))?;
    let run = format!("{:05x}", session::random() & 0xf_ffff);
    let graded = Graded {
        id,
        dns: &dns,
        run: &run,
    };
    Ok(Grader {
        plan: grader::plan(bundle, &profile, graded),
        run,
        api,
    })
}

fn address(service: Service) -> Option<String> {
    service.spec?.cluster_ip.filter(|address| address != "None")
}

/// Makes the grader and waits until scripts can run in it and reach the task.
pub(super) async fn start(
    host: &Cluster,
    id: &PreviewId,
    grader: &Grader,
    mut report: impl FnMut(String) + Send,
) -> Result<(), Failure> {
    let namespace = &grader.plan.namespace;
    host.apply(&grader.plan.objects, &ApplyOptions::default(), |_| {})
        .await
        .map_err(|error| dependency::apply_failure(&error))?;
    ready(host, namespace, &mut report).await?;
    give_kubeconfig(host, id, grader).await?;
    report("the way to the task's API".to_owned());
    let reached = reached(host, namespace, &grader.api);
    within(
        REACHED_WITHIN,
        "the way from the grader to the task's API",
        reached,
    )
    .await
}

async fn ready(
    host: &Cluster,
    namespace: &str,
    report: &mut (impl FnMut(String) + Send),
) -> Result<(), Failure> {
    report("the grader's pod".to_owned());
    let namespaces = [namespace.to_owned()];
    let ready = host.wait_for::<Pod, ()>(Some(namespace), grader::NAME, |pod| {
        pod.is_some_and(|pod| cluster::wait::pod_ready(pod).is_ready())
            .then_some(())
    });
    let work = async {
        tokio::select! {
            ready = ready => ready.map_err(|error| refusal::explain("the grader's pod", &error)),
            failure = trouble::watch(host, &namespaces, None, |_, state| report(state.to_owned())) => Err(failure),
        }
    };
    within(READY_WITHIN, "the grader's pod", Box::pin(work)).await
}

/// The kubeconfig goes straight into the pod's memory: it never becomes an object of the host.
async fn give_kubeconfig(host: &Cluster, id: &PreviewId, grader: &Grader) -> Result<(), Failure> {
    let lost = |message: String| {
        Failure::of(Cause::Lost {
            pod: grader::NAME.to_owned(),
            message,
        })
    };
    let own = crate::connect::kubeconfig(host, id)
        .await
        .map_err(|error| lost(error.to_string()))?;
    let server = format!("https://{}:443", grader.api);
    let config = cluster::with_server(&own, &server, Some(TLS_NAME), "task")
        .map_err(|error| lost(error.to_string()))?;
    let command = ["/bin/sh", "-c", WRITE_KUBECONFIG];
    let input = Some(config.into_bytes());
    let written = host
        .run(
            &grader.plan.namespace,
            grader::NAME,
            grader::NAME,
            &command,
            input,
        )
        .await;
    match written.map_err(|error| lost(error.to_string()))?.status {
        ExitStatus::Exit { code: 0 } => Ok(()),
        status => Err(lost(format!("its kubeconfig could not be written: {status:?}"))),
    }
}

async fn reached(host: &Cluster, namespace: &str, api: &str) -> Result<(), Failure> {
    let asker = Asker {
        host,
        namespace,
        pod: grader::NAME,
        container: grader::NAME,
    };
    let lost = |message: String| Cause::Lost {
        pod: grader::NAME.to_owned(),
        message,
    };
    let address = HostPort::new(&format!("{api}:443")).map_err(|error| lost(error.to_string()))?;
    loop {
        let answer = probe::ask(asker, Question::Tcp(&address)).await;
        match answer.map_err(|error| lost(error.to_string()))? {
            Answer::Open => return Ok(()),
            Answer::Shut(_) => tokio::time::sleep(EVERY).await,
            Answer::Never(message) => return Err(lost(message).into()),
        }
    }
}

/// Removes everything of a grading; its pod is gone when this returns.
pub(super) async fn remove(host: &Cluster, id: &PreviewId, grader: &Grader) -> Result<(), cluster::ApiError> {
    let namespace = &grader.plan.namespace;
    let door = ObjectRef {
        api_version: "networking.k8s.io/v1".to_owned(),
        kind: "NetworkPolicy".to_owned(),
        namespace: Some(id.namespace()),
        name: grader::door_name(&grader.run),
    };
    host.delete_json(&door, None).await?;
    host.delete::<Pod>(Some(namespace), grader::NAME, Some(0)).await?;
    host.delete::<Namespace>(None, namespace, None).await?;
    host.wait_for::<Pod, ()>(Some(namespace), grader::NAME, |pod| pod.is_none().then_some(()))
        .await
}
