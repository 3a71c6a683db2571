//! The doctor against servers and plugins that are wrong, each in one way.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cluster::KubeconfigSources;
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_util::task::AbortOnDropHandle;

use super::*;

/// Examines a context made of this cluster and this user; gives the report as lines.
async fn report(cluster: Value, user: Value, limits: Limits) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    lines(&examined(folder.path(), cluster, user, limits).await)
}

async fn examined(folder: &Path, cluster: Value, user: Value, limits: Limits) -> Vec<DoctorStep> {
    let file = folder.join("config");
    let kubeconfig = json!({
        "contexts": [{ "name": "lab", "context": { "cluster": "c", "user": "u" } }],
        "clusters": [{ "name": "c", "cluster": cluster }],
        "users": [{ "name": "u", "user": user }],
    });
    std::fs::write(&file, kubeconfig.to_string()).unwrap();
    let (contexts, problems) = cluster::contexts(&KubeconfigSources::default().with(&file));
    assert_eq!(problems, []);
    let mut told = Vec::new();
    let findings = Findings {
        steps: Vec::new(),
        told: &mut |step| told.push(step.clone()),
    };
    let steps = examine(&contexts[0], &HostSettings::default(), &limits, findings).await;
    assert_eq!(told, steps, "each step is told, in its place");
    steps
}

fn lines(steps: &[DoctorStep]) -> Vec<String> {
    let tried = steps.iter().filter(|step| step.state != StepState::Skipped);
    let line = |step: &DoctorStep| format!("{:?} {:?}: {}", step.name, step.state, step.detail);
    tried.map(line).collect()
}

fn token() -> Value {
    json!({ "token": "s3cr3t" })
}

const CREDENTIALS: &str = "Credentials Ok: a token in the kubeconfig";
const ADDRESS: &str = "Dns Ok: 127.0.0.1 is an address, there is no name to look up";

/// A listener that does this with everybody who connects.
fn serve<F: Future<Output = ()> + Send + 'static>(
    answer: impl Fn(tokio::net::TcpStream) -> F + Send + 'static,
) -> (String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(answer(stream));
        }
    };
    (address, AbortOnDropHandle::new(tokio::spawn(serving)))
}

/// Times of connections differ from run to run.
fn untimed(lines: Vec<String>) -> Vec<String> {
    let untimed = |line: String| match line.split_once(" ms, ") {
        Some((before, after)) => format!("{} in … ms, {after}", before.rsplit_once(" in ").unwrap().0),
        None => line,
    };
    lines.into_iter().map(untimed).skip(1).collect()
}

const CONNECTED: &str = "Tcp Ok: connected in … ms, no proxy";

#[tokio::test]
async fn a_port_where_nothing_listens_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let server = json!({ "server": format!("https://{address}") });
    let steps = examined(folder.path(), server, token(), Limits::default()).await;
    let refused = format!("Tcp Failed: {address} refused the connection");
    assert_eq!(untimed(lines(&steps)), [CREDENTIALS, ADDRESS, refused.as_str()]);
    let names: Vec<StepName> = steps.iter().map(|step| step.name).collect();
    let expected = [&[StepName::Kubeconfig], &AFTER_KUBECONFIG[..]].concat();
    assert_eq!(
        names, expected,
        "every step is there, also those that were not tried"
    );
    assert!(!format!("{steps:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_named() {
    let (address, _server) = serve(async |mut stream: tokio::net::TcpStream| {
        let _gone = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    let found = report(
        json!({ "server": format!("https://{address}") }),
        token(),
        Limits::default(),
    )
    .await;
    let tls = format!("Tls Failed: {address} does not speak TLS");
    assert_eq!(untimed(found), [CREDENTIALS, ADDRESS, CONNECTED, tls.as_str()]);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_named_in_time() {
    let (address, _server) = serve(async |stream: tokio::net::TcpStream| {
        tokio::time::sleep(Duration::from_mins(1)).await;
        drop(stream);
    });
    let limits = Limits {
        tls: Duration::from_millis(300),
        ..Limits::default()
    };
    let found = report(json!({ "server": format!("https://{address}") }), token(), limits).await;
    let tls = format!("Tls Failed: {address} did not answer in time");
    assert_eq!(untimed(found), [CREDENTIALS, ADDRESS, CONNECTED, tls.as_str()]);
}

#[tokio::test]
async fn a_name_that_is_not_known_is_named() {
    let found = report(
        json!({ "server": "https://no-such-host.invalid:6443" }),
        token(),
        Limits::default(),
    )
    .await;
    let name = "Dns Failed: no-such-host.invalid cannot be found by name";
    assert_eq!(untimed(found), [CREDENTIALS, name]);
}

/// An authority of this name, and a TLS server with a certificate of it.
fn tls_server(name: &str, authority: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut wanted = CertificateParams::new(Vec::new()).unwrap();
    wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    wanted
        .distinguished_name
        .push(rcgen::DnType::CommonName, authority);
    let authority = wanted.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(wanted, key);
    let own = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&own, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], own)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let config = Arc::new(config);
    // Ends with the process of the test; a handshake that fails is what is tested.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut session = rustls::ServerConnection::new(config.clone()).unwrap();
            let _failed = session.complete_io(&mut stream.unwrap());
        }
    });
    (address, authority)
}

fn cluster_with(address: &str, authority: &str) -> Value {
    use base64::Engine;
    let data = base64::engine::general_purpose::STANDARD.encode(authority);
    json!({ "server": format!("https://{address}"), "certificate-authority-data": data })
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_named() {
    let (address, _) = tls_server("127.0.0.1", "kubernetes");
    for (name, reason) in [("another", "UnknownIssuer"), ("kubernetes", "BadSignature")] {
        let (_, another) = tls_server("127.0.0.1", name);
        let found = report(cluster_with(&address, &another), token(), Limits::default()).await;
        let tls = format!(
            "Tls Failed: {address} shows a certificate that is not trusted: {reason}, no authority that the \
             kubeconfig names has signed it"
        );
        assert_eq!(untimed(found), [CREDENTIALS, ADDRESS, CONNECTED, tls.as_str()]);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_named() {
    let (address, authority) = tls_server("other.example", "a");
    let found = report(cluster_with(&address, &authority), token(), Limits::default()).await;
    let tls = format!(
        "Tls Failed: {address} shows a certificate that is not trusted: certificate not valid for name \
         \"127.0.0.1\"; certificate is only valid for DnsName(\"other.example\")"
    );
    assert_eq!(untimed(found), [CREDENTIALS, ADDRESS, CONNECTED, tls.as_str()]);
}

#[tokio::test]
async fn the_right_certificate_is_well_and_says_when_it_ends() {
    let (address, authority) = tls_server("127.0.0.1", "a");
    let limits = Limits {
        api: Duration::from_millis(300),
        ..Limits::default()
    };
    let found = untimed(report(cluster_with(&address, &authority), token(), limits).await);
    let tls = "Tls Ok: the server's certificate is signed by an authority that the kubeconfig names, valid until 4096-01-01 00:00 UTC";
    assert_eq!(found[..4], [CREDENTIALS, ADDRESS, CONNECTED, tls]);
    assert!(
        found[4].starts_with(&format!("Api Failed: https://{address}")),
        "{found:?}"
    );
}

fn plugin(command: &str, script: &str) -> Value {
    json!({ "exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": ["-c", script, "--token", "s3cr3t"],
    } })
}

#[tokio::test]
async fn a_plugin_that_is_not_there_is_named_with_the_path_it_was_looked_for_in() {
    let (address, authority) = tls_server("127.0.0.1", "a");
    let folder = tempfile::tempdir().unwrap();
    let cluster = cluster_with(&address, &authority);
    let steps = examined(
        folder.path(),
        cluster,
        plugin("no-such-plugin", ""),
        Limits::default(),
    )
    .await;
    let plugin = steps.iter().find(|step| step.name == StepName::Plugin).unwrap();
    assert_eq!(plugin.state, StepState::Failed);
    assert_eq!(plugin.detail, "`no-such-plugin` is not on the PATH of this app");
    assert!(
        plugin.raw.as_ref().unwrap().starts_with("PATH of the app: /"),
        "{plugin:?}"
    );
    let states: Vec<(StepName, StepState)> =
        steps.iter().map(|step| (step.name, step.state)).skip(1).collect();
    let expected = [
        (StepName::Plugin, StepState::Failed),
        (StepName::Credentials, StepState::Skipped),
        (StepName::Dns, StepState::Ok),
        (StepName::Tcp, StepState::Ok),
        (StepName::Tls, StepState::Ok),
        (StepName::Api, StepState::Skipped),
        (StepName::Permissions, StepState::Skipped),
        (StepName::Storage, StepState::Skipped),
        (StepName::Pools, StepState::Skipped),
    ];
    assert_eq!(
        states, expected,
        "what does not need the plugin is tried all the same"
    );
}

#[tokio::test]
async fn a_plugin_that_fails_is_heard_and_its_secrets_are_not() {
    let (address, authority) = tls_server("127.0.0.1", "a");
    let folder = tempfile::tempdir().unwrap();
    let script = "echo trying $1 >&2; echo the session has expired >&2; exit 1";
    let cluster = cluster_with(&address, &authority);
    let steps = examined(folder.path(), cluster, plugin("sh", script), Limits::default()).await;
    let plugin = steps.iter().find(|step| step.name == StepName::Plugin).unwrap();
    assert_eq!(
        plugin.detail,
        "`sh` failed (exit status: 1): the session has expired"
    );
    assert!(
        plugin
            .raw
            .as_ref()
            .unwrap()
            .starts_with("trying …\nthe session has expired\nPATH of the app: ")
    );
    assert!(!format!("{steps:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn a_proxy_is_named() {
    let (address, _server) = serve(async |mut stream: tokio::net::TcpStream| {
        let _gone = stream
            .write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
            .await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    let cluster =
        json!({ "server": "https://10.0.0.1:6443", "proxy-url": format!("http://jane:s3cr3t@{address}") });
    let found = untimed(report(cluster, token(), Limits::default()).await);
    let tcp = format!("Tcp Failed: 10.0.0.1:6443 through the proxy http://{address} cannot be reached: ");
    assert_eq!(found[..2], [CREDENTIALS, ADDRESS]);
    assert!(found[2].starts_with(&tcp), "{found:?}");
    assert!(!found.concat().contains("s3cr3t"));
}
