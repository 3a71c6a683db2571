//! Manifests that are refused, each with what is said of it, and manifests that are not.

use bundle::{BundleFiles, BundlePath};

use super::*;

const STATEMENT: &[u8] = b"# Mend it\n\nThe shop is down.\n";

/// A task with these lines of `environment` and one manifest.
fn task(environment: &str, manifest: &str) -> bundle::Checked {
    let task = format!(
        "apiVersion: taskwright.dev/v1alpha1
kind: Task
metadata: {{name: shop}}
spec:
  title: Mend it
  difficulty: beginner
  timeLimit: 10m
  environment:
    isolation: vcluster
    kubernetesVersion: \"1.36\"
    resources: {{cpu: \"1\", memory: 1Gi, pods: 4, storage: 1Gi}}
    {environment}
  dependencies:
  - name: shop
    role: service
    manifests: [dependencies/shop.yaml]
  tty: {{}}
"
    );
    let mut files = BundleFiles::new();
    for (path, content) in [
        ("task.yaml", task.as_bytes()),
        ("statement.md", STATEMENT),
        ("dependencies/shop.yaml", manifest.as_bytes()),
    ] {
        files.insert_file(BundlePath::new(path).expect("a path of a bundle"), content);
    }
    bundle::check(&files)
}

fn found(environment: &str, manifest: &str) -> Vec<Diagnostic> {
    let checked = task(environment, manifest);
    fit(&checked
        .bundle
        .unwrap_or_else(|| panic!("no bundle: {:#?}", checked.diagnostics)))
}

/// Each problem as `code file:line message`.
fn lines(found: &[Diagnostic]) -> Vec<String> {
    let one = |problem: &Diagnostic| {
        let line = problem.span.map_or(0, |span| span.start.line);
        format!("{} {}:{line} {}", problem.code, problem.file, problem.message)
    };
    found.iter().map(one).collect()
}

fn deployment(replicas: u32, spec: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {spec}
"
    )
}

#[test]
fn what_fits_is_not_mentioned() {
    let plain = deployment(2, "{containers: [{name: web, image: nginx}]}");
    assert_eq!(lines(&found("", &plain)), Vec::<String>::new());
    let hardened = deployment(
        1,
        "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: web, image: nginx, \
         securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]}",
    );
    assert_eq!(
        lines(&found("podSecurity: restricted", &hardened)),
        Vec::<String>::new()
    );
}

#[test]
fn a_pod_that_the_host_refuses_is_named_with_all_its_reasons() {
    let istio = deployment(
        1,
        "{hostNetwork: true, volumes: [{name: v, hostPath: {path: /var/run}}], initContainers: [{name: istio-init, image: proxy, \
         securityContext: {capabilities: {add: [NET_ADMIN, NET_RAW, CHOWN]}}}], containers: [{name: web, image: nginx, \
         ports: [{containerPort: 80, hostPort: 80}], securityContext: {privileged: true}}]}",
    );
    insta::assert_snapshot!(lines(&found("podSecurity: baseline", &istio)).join("\n"), @r#"
TW9003 dependencies/shop.yaml:1 no pod of Deployment/web will start under `podSecurity: baseline`: it sets `hostNetwork`; it mounts `/var/run` of the node; container `istio-init` adds the capability NET_ADMIN; container `istio-init` adds the capability NET_RAW; container `web` is privileged; container `web` takes port 80 of the node
"#);
    assert_eq!(
        lines(&found("podSecurity: privileged", &istio)),
        Vec::<String>::new()
    );
}

#[test]
fn restricted_says_what_is_missing() {
    let plain = deployment(
        1,
        "{volumes: [{name: v, nfs: {server: a, path: /}}], containers: [{name: web, image: nginx}]}",
    );
    insta::assert_snapshot!(lines(&found("podSecurity: restricted", &plain)).join("\n"), @r#"
TW9003 dependencies/shop.yaml:1 no pod of Deployment/web will start under `podSecurity: restricted`: it has a volume of kind `nfs`; container `web` does not set `allowPrivilegeEscalation: false`; container `web` does not set `runAsNonRoot: true`; container `web` does not set `seccompProfile.type: RuntimeDefault`; container `web` does not drop all capabilities
"#);
}

#[test]
fn more_than_the_task_has_is_summed_up() {
    let greedy = deployment(
        5,
        "{initContainers: [{name: i, image: a, resources: {requests: {cpu: 900m}}}], \
         containers: [{name: web, image: nginx, resources: {requests: {cpu: 300m, memory: 100Mi}}}]}",
    ) + "---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
";
    let found = found("", &greedy);
    insta::assert_snapshot!(lines(&found).join("\n"), @r#"
TW9004 task.yaml:0 the dependencies ask for 1280Mi of memory in limits, and the task has 1024Mi of memory in limits: the last to come will not start
TW9004 task.yaml:0 the dependencies ask for 2048Mi of storage, and the task has 1024Mi of storage: the last to come will not start
TW9004 task.yaml:0 the dependencies ask for 4500m of CPU, and the task has 1000m of CPU: the last to come will not start
TW9004 task.yaml:0 the dependencies ask for 5 pods, and the task has 4 pods: the last to come will not start
"#);
    let related: Vec<&str> = found
        .iter()
        .flat_map(|one| &one.related)
        .map(|one| one.message.as_str())
        .collect();
    insta::assert_snapshot!(related.join("\n"), @r#"
Deployment/web asks for 1280Mi of memory in limits
PersistentVolumeClaim/data asks for 2048Mi of storage
Deployment/web asks for 4500m of CPU
Deployment/web asks for 5 pods
"#);
}

#[test]
fn versions_that_are_not_served_are_errors() {
    let old = "apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: web}
---
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: nightly}
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: old}
---
apiVersion: resource.k8s.io/v1
kind: DeviceClass
metadata: {name: gpu}
";
    let found_now = found("", old);
    insta::assert_snapshot!(lines(&found_now).join("\n"), @r#"
TW9001 dependencies/shop.yaml:5 Kubernetes 1.36 does not serve Ingress of extensions/v1beta1
TW9001 dependencies/shop.yaml:9 Kubernetes 1.36 does not serve CronJob of batch/v1beta1
TW9001 dependencies/shop.yaml:13 Kubernetes 1.36 does not serve PodSecurityPolicy of policy/v1beta1
"#);
    let hints: Vec<&str> = found_now.iter().filter_map(|one| one.hint.as_deref()).collect();
    insta::assert_snapshot!(hints.join("\n"), @r#"
use `apiVersion: networking.k8s.io/v1`, and see what changed in its fields
use `apiVersion: batch/v1`, and see what changed in its fields
the kind no longer exists; take it out
"#);
}

#[test]
fn custom_resources_are_held_against_their_definition() {
    let custom = "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.com}
spec:
  group: example.com
  names: {kind: Shop, plural: shops}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}, {name: v1beta1, served: false, storage: false}]
---
apiVersion: example.com/v1beta1
kind: Shop
metadata: {name: corner}
---
apiVersion: example.com/v1
kind: Shop
metadata: {name: main}
---
apiVersion: elsewhere.io/v1
kind: Thing
metadata: {name: unknown}
";
    insta::assert_snapshot!(lines(&found("", custom)).join("\n"), @r#"
TW9002 dependencies/shop.yaml:10 Shop/corner is of example.com/v1beta1, but its definition serves v1
"#);
    let large = custom.replace("scope:", &format!("x: {}\n  scope:", "y".repeat(300_000)));
    assert!(
        lines(&found("", &large))
            .iter()
            .any(|line| line.contains("TW9006"))
    );
}

#[test]
fn services_of_the_host_are_refused() {
    let service = "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: front}
  spec: {type: LoadBalancer, ports: [{port: 80}]}
- apiVersion: v1
  kind: Service
  metadata: {name: back}
  spec: {ports: [{port: 80}]}
";
    insta::assert_snapshot!(lines(&found("", service)).join("\n"), @r#"
TW9005 dependencies/shop.yaml:1 Service/front wants an address of the host, which a task does not get
"#);
}
