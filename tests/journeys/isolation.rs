//! Two previews on one host: neither reaches the other over the network, and both reach their own.

use anyhow::{Result, ensure};
use e2e::bundle::Bundle;
use e2e::{Preview, host};
use k8s_openapi::api::core::v1::{Pod, Service};

const SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec:
  containers:
  - {name: main, image: docker.io/library/nginx:1.22}
---
apiVersion: v1
kind: Service
metadata: {name: server}
spec: {selector: {app: server}, ports: [{port: 80}]}
";

#[test]
fn previews_cannot_reach_each_other() -> Result<()> {
    let spec = "  dependencies:\n  - name: server\n    manifests: [dependencies/server.yaml]\n    \
                ready: [{condition: Ready, of: pod/server, namespace: default}]\n";
    let bundle = Bundle::new("neighbour", spec)?.file("dependencies/server.yaml", SERVER)?;
    let (one, two) = (Preview::boot(bundle.path())?, Preview::boot(bundle.path())?);
    let (pod, service, api) = host::block_on(addresses(&two))?;

    let reach = |preview: &Preview, address: &str| {
        preview
            .try_sh(&format!("curl -ks -o /dev/null --max-time 4 {address}"))
            .map(|outcome| outcome.status.success())
    };
    ensure!(reach(&one, "http://server.default")?, "its own server by name");
    ensure!(
        reach(&two, &format!("http://{pod}"))?,
        "the other's own pod by address: the address is right"
    );
    for (what, address) in [
        ("pod", format!("http://{pod}")),
        ("service", format!("http://{service}")),
        ("API", format!("https://{api}:8443/version")),
        ("metadata", "http://169.254.169.254".to_owned()),
    ] {
        ensure!(
            !reach(&one, &address)?,
            "the neighbour's {what} at {address} was reached"
        );
    }
    Ok(())
}

/// Addresses on the host of a preview's server, its service, and its control plane.
async fn addresses(preview: &Preview) -> Result<(String, String, String)> {
    let host = host::connect().await?;
    let namespace = preview.namespace();
    let pods: Vec<Pod> = host.list(Some(&namespace), None).await?;
    let services: Vec<Service> = host.list(Some(&namespace), None).await?;
    let starts =
        |name: &Option<String>, start: &str| name.as_ref().is_some_and(|name| name.starts_with(start));
    let address = |start: &str| {
        let pod = pods.iter().find(|pod| starts(&pod.metadata.name, start));
        pod.and_then(|pod| pod.status.as_ref()?.pod_ip.clone())
    };
    let service = services
        .iter()
        .find(|one| starts(&one.metadata.name, "server-x-"));
    let service = service.and_then(|one| one.spec.as_ref()?.cluster_ip.clone());
    let all = address("server-x-").zip(service).zip(address(&preview.id));
    let ((pod, service), api) = all.ok_or_else(|| anyhow::anyhow!("an address is missing on the host"))?;
    Ok((pod, service, api))
}
