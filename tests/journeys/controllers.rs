//! Controllers and what they bring: custom resources right behind them, kinds of the same name in two vClusters at once,
//! volumes that outlive pods and not previews. `scripts/e2e.sh --all` runs these.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::bundle::{Bundle, deployment};
use e2e::{Preview, expect_cause, host, run, span, taskwright};
use preview::Cause;

const BUSYBOX: &str = "docker.io/library/busybox:1.36";
const NGINX: &str = "docker.io/library/nginx:1.22";
/// How many cold boots prove that there is no race; `TASKWRIGHT_E2E_BOOTS` says another number.
const BOOTS: usize = 3;

#[test]
fn custom_resources_are_accepted_right_behind_cert_manager() -> Result<()> {
    run(taskwright(&["sandbox", "images", "add", "cert-manager"]))?.expect(0)?;
    let boots = std::env::var("TASKWRIGHT_E2E_BOOTS").map_or(Ok(BOOTS), |boots| boots.parse())?;
    let bundle = behind_cert_manager()?;
    let mut failures = Vec::new();
    for boot in 1..=boots {
        match Preview::boot(bundle.path()).and_then(|preview| span(&preview.events, "dependency/certificate"))
        {
            Ok((started, ended)) => eprintln!("boot {boot}: certificate ready {started} to {ended} ms"),
            Err(error) => failures.push(format!("boot {boot}: {error:#}")),
        }
    }
    ensure!(
        failures.is_empty(),
        "{} of {boots} boots failed: {failures:#?}",
        failures.len()
    );
    Ok(())
}

/// The template's chart without any gate that waits for it to work, and resources of its kinds right behind.
fn behind_cert_manager() -> Result<Bundle> {
    let template =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../task-templates/certificate-expired/dependencies");
    let chart = "dependencies/cert-manager-v1.21.2.tgz";
    let bundle = Bundle::new("right-behind", RIGHT_BEHIND)?
        .file(
            "dependencies/values.yaml",
            &std::fs::read_to_string(template.join("cert-manager.yaml"))?,
        )?
        .file("dependencies/certificate.yaml", CERTIFICATE)?;
    let archive = std::fs::read(template.join("cert-manager-v1.21.2.tgz"))?;
    std::fs::write(bundle.path().join(chart), archive).context("copy the chart")?;
    Ok(bundle)
}

/// The presets of Istio and of the operator of Elasticsearch boot below.
#[test]
fn the_preset_of_cert_manager_is_ready_when_its_gates_say_so() -> Result<()> {
    run(taskwright(&["sandbox", "images", "add", "cert-manager"]))?.expect(0)?;
    let bundle = Bundle::new("certs", PRESET)?.file("dependencies/certificate.yaml", CERTIFICATE)?;
    bundle.lock()?;
    Preview::boot(bundle.path()).map(drop)
}

/// Elasticsearch itself cannot be had here: the operator makes everything else, and the boot says what is missing.
#[test]
fn an_elasticsearch_is_reconciled_and_its_missing_image_named() -> Result<()> {
    run(taskwright(&["sandbox", "images", "add", "eck"]))?.expect(0)?;
    let bundle = Bundle::new("elastic", ELASTIC)?.file("dependencies/elasticsearch.yaml", ELASTICSEARCH)?;
    bundle.lock()?;
    let (preview, step, failure) = Preview::boot_to_failure(bundle.path())?;
    ensure!(step == "dependency/elasticsearch", "{step}: {failure:?}");
    expect_cause(
        &failure,
        |cause| matches!(cause, Cause::ImagePull { image, .. } if image.contains("docker.elastic.co/elasticsearch/elasticsearch:9.3.0")),
    )?;
    let made = preview.sh("kubectl get statefulsets,services,secrets -o name")?;
    for name in [
        "statefulset.apps/orders-es-default",
        "service/orders-es-http",
        "service/orders-es-transport",
        "secret/orders-es-elastic-user",
        "secret/orders-es-http-certs-public",
    ] {
        ensure!(made.lines().any(|line| line == name), "no {name} in {made}");
    }
    Ok(())
}

/// How many requests show how traffic is split: with a quarter to the second release, fewer than 25 or more than 75 of
/// them there would be chance once in a hundred thousand times.
const REQUESTS: usize = 200;

#[test]
fn a_mesh_injects_its_proxies_validates_its_kinds_and_splits_traffic() -> Result<()> {
    run(taskwright(&["sandbox", "images", "add", "istio"]))?.expect(0)?;
    let bundle = Bundle::new("mesh", MESH)?
        .file("dependencies/echo.yaml", &echo())?
        .file("dependencies/routes.yaml", ROUTES)?;
    bundle.lock()?;
    let preview = Preview::boot(bundle.path())?;

    let of_pods = "-o jsonpath='{.items[*].spec.initContainers[*].name} {.items[*].spec.containers[*].name}'";
    let inside = preview.sh(&format!("kubectl get pods -n shop -l app=client {of_pods}"))?;
    let outside = preview.sh(&format!("kubectl get pods -n default {of_pods}"))?;
    ensure!(
        inside.contains("istio-proxy") && !inside.contains("istio-init"),
        "{inside}"
    );
    ensure!(
        outside.contains("main") && !outside.contains("istio"),
        "{outside}"
    );

    let refused = preview.try_sh(&format!("kubectl apply -f - <<'YAML'\n{REFUSED}YAML"))?;
    ensure!(
        refused.status.code() != Some(0) && refused.stderr.contains("validation.istio.io"),
        "{refused:?}"
    );

    let asked = preview.sh(&format!(
        "kubectl exec -n shop deployment/client -c main -- sh -c 'for n in $(seq {REQUESTS}); do \
         curl -s --max-time 5 --proxy http://127.0.0.1:15080 http://echo.shop.svc.cluster.local/; done'"
    ))?;
    let of = |release: &str| asked.lines().filter(|line| *line == release).count();
    let (first, second) = (of("v1"), of("v2"));
    ensure!(
        first + second == REQUESTS && (25..=75).contains(&second),
        "{first} answers of v1, {second} of v2: {asked}"
    );
    Ok(())
}

/// Two releases that say their names, somebody in the mesh who asks, and a pod that is not in it.
fn echo() -> String {
    let in_shop = |name: &str, image: &str, command: &str| {
        deployment(name, image, command).replace(
            &format!("metadata: {{name: {name}}}\nspec"),
            &format!("metadata: {{name: {name}, namespace: shop}}\nspec"),
        )
    };
    let release = |version: &str| {
        let serve = format!(
            "[sh, -c, 'mkdir /tmp/www; echo {version} > /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www']"
        );
        in_shop(&format!("echo-{version}"), BUSYBOX, &serve)
    };
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n";
    [
        namespace.to_owned(),
        release("v1").replace("app: echo-v1", "app: echo, version: v1"),
        release("v2").replace("app: echo-v2", "app: echo, version: v2"),
        in_shop("client", NGINX, "[sleep, '86400']"),
        deployment("outside", BUSYBOX, "[sleep, '86400']"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: echo, namespace: shop}\n\
         spec: {selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}]}\n"
            .to_owned(),
    ]
    .join("---\n")
}

#[test]
fn kinds_of_one_name_live_side_by_side() -> Result<()> {
    let old = gizmos("old-gizmos", "v1alpha1", "size")?;
    let new = gizmos("new-gizmos", "v1", "width")?;
    let (old, new) = (Preview::boot(old.path())?, Preview::boot(new.path())?);
    let versions = "kubectl get crd gizmos.example.org -o jsonpath='{.spec.versions[*].name}'";
    ensure!(old.sh(versions)? == "v1alpha1" && new.sh(versions)? == "v1");
    let own =
        "kubectl get gizmos -o jsonpath='{.items[*].spec}'; kubectl get clusterrole -o name | grep gizmos";
    ensure!(old.sh(own)? == "{\"size\":3}clusterrole.rbac.authorization.k8s.io/old-gizmos\n");
    ensure!(new.sh(own)? == "{\"width\":3}clusterrole.rbac.authorization.k8s.io/new-gizmos\n");
    let on_host = host_kubectl(&["get", "crd,clusterroles", "-o", "name"])?;
    ensure!(
        !on_host.contains("gizmos.example.org") && !on_host.contains("/old-gizmos\n"),
        "{on_host}"
    );
    Ok(())
}

/// A kind of its own version and field, an object of it, and a role for it that is the cluster's.
fn gizmos(name: &str, version: &str, field: &str) -> Result<Bundle> {
    let spec = "  dependencies:
  - name: kind
    manifests: [dependencies/crd.yaml, dependencies/role.yaml]
    ready: [{crd: gizmos.example.org}]
  - {name: gizmo, needs: [kind], manifests: [dependencies/gizmo.yaml]}
";
    let crd = format!(
        "apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: gizmos.example.org}}
spec:
  group: example.org
  scope: Namespaced
  names: {{plural: gizmos, singular: gizmo, kind: Gizmo}}
  versions:
  - name: {version}
    served: true
    storage: true
    schema:
      openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, properties: {{{field}: {{type: integer}}}}}}}}}}
"
    );
    Bundle::new(name, spec)?
        .file("dependencies/crd.yaml", &crd)?
        .file("dependencies/role.yaml", &format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\nrules: []\n"))?
        .file("dependencies/gizmo.yaml", &format!("apiVersion: example.org/{version}\nkind: Gizmo\nmetadata: {{name: one}}\nspec: {{{field}: 3}}\n"))
}

#[test]
fn data_outlives_its_pod_and_not_its_preview() -> Result<()> {
    let spec = "  dependencies:
  - name: store
    manifests: [dependencies/store.yaml]
    ready: [{rollout: statefulset/store, namespace: default}]
";
    let bundle = Bundle::new("volumes", spec)?.file("dependencies/store.yaml", STORE)?;
    let preview = Preview::boot(bundle.path())?;
    preview.sh("kubectl exec store-0 -- sh -c 'echo kept > /data/file'")?;
    let replaced = preview.sh(
        "kubectl delete pod store-0 --wait >/dev/null && kubectl rollout status statefulset/store >/dev/null \
         && kubectl exec store-0 -- cat /data/file",
    )?;
    ensure!(replaced == "kept\n", "{replaced}");
    let id = preview.id.clone();
    let volumes = || host::block_on(async { host::leftovers(&host::connect().await?, &id).await });
    ensure!(
        volumes()?.iter().any(|one| one.starts_with("volume ")),
        "the host has the volume"
    );
    drop(preview);
    // The provisioner removes a volume after its claim, in its own time.
    host::eventually("no volume is left", Duration::from_mins(1), || {
        Ok(volumes()?.is_empty())
    })
}

/// Redis under its name in the set, with a claim: what was written is there when its pod is made anew.
#[test]
fn redis_keeps_what_was_written_when_its_pod_is_made_anew() -> Result<()> {
    let bundle = Bundle::new("redis", REDIS_SPEC)?.file("dependencies/redis.yaml", REDIS)?;
    let preview = Preview::boot(bundle.path())?;
    let line = "redis='redis-cli -h redis-0.redis.default.svc.cluster.local'; $redis set orders 42 && kubectl delete pod redis-0 \
                && kubectl rollout status statefulset/redis --timeout 2m >&2 && $redis get orders";
    let told = preview.sh(line)?;
    ensure!(
        told.starts_with("OK") && told.trim_end().ends_with("42"),
        "{told}"
    );
    Ok(())
}

fn host_kubectl(arguments: &[&str]) -> Result<String> {
    let kubectl = std::env::var_os("TASKWRIGHT_E2E_KUBECTL").context("TASKWRIGHT_E2E_KUBECTL is not set")?;
    let kubeconfig =
        std::env::var_os("TASKWRIGHT_E2E_KUBECONFIG").context("TASKWRIGHT_E2E_KUBECONFIG is not set")?;
    let mut command = std::process::Command::new(kubectl);
    command.args(arguments).env("KUBECONFIG", kubeconfig);
    Ok(run(command)?.expect(0)?.stdout)
}

const RIGHT_BEHIND: &str = "  environment:
    resources: {cpu: \"1\", memory: 1Gi, pods: 12, storage: 1Gi}
  dependencies:
  - name: cert-manager
    role: controller
    helm: {chart: dependencies/cert-manager-v1.21.2.tgz, namespace: cert-manager, values: [dependencies/values.yaml]}
  - name: certificate
    needs: [cert-manager]
    manifests: [dependencies/certificate.yaml]
    ready: [{condition: Ready, of: certificate.cert-manager.io/probe, namespace: default, timeout: 2m}]
";

const PRESET: &str = "  environment:
    resources: {cpu: \"1\", memory: 1Gi, pods: 12, storage: 1Gi}
  dependencies:
  - {name: cert-manager, role: controller, preset: cert-manager}
  - name: certificate
    needs: [cert-manager]
    manifests: [dependencies/certificate.yaml]
    ready: [{condition: Ready, of: certificate.cert-manager.io/probe, namespace: default, timeout: 1m}]
";

const REDIS_SPEC: &str = "  environment:
    resources: {cpu: \"1\", memory: 1Gi, pods: 12, storage: 1Gi}
  dependencies:
  - name: redis
    manifests: [dependencies/redis.yaml]
    ready:
    - {rollout: statefulset/redis, namespace: default, timeout: 3m}
    - {tcp: \"redis.default.svc:6379\", timeout: 1m}
";

const REDIS: &str = "apiVersion: v1
kind: Service
metadata: {name: redis}
spec: {clusterIP: None, selector: {app: redis}, ports: [{port: 6379}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis}
spec:
  serviceName: redis
  selector: {matchLabels: {app: redis}}
  template:
    metadata: {labels: {app: redis}}
    spec:
      containers:
      - name: redis
        image: docker.io/library/redis:7
        args: [redis-server, --dir, /data, --appendonly, 'yes', --appendfsync, always, --bind, 0.0.0.0, --protected-mode, 'no']
        readinessProbe: {tcpSocket: {port: 6379}, periodSeconds: 1}
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
";

const CERTIFICATE: &str = "apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: probe}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: probe}
spec:
  secretName: probe
  dnsNames: [probe.example]
  privateKey: {rotationPolicy: Always}
  issuerRef: {name: probe}
";

const ELASTIC: &str = "  environment:
    resources: {cpu: \"2\", memory: 2Gi, pods: 12, storage: 2Gi}
  dependencies:
  - {name: operator, role: controller, preset: eck-operator}
  - name: elasticsearch
    needs: [operator]
    manifests: [dependencies/elasticsearch.yaml]
    ready: [{rollout: statefulset/orders-es-default, namespace: default, timeout: 3m}]
";

const MESH: &str = "  environment:
    resources: {cpu: \"2\", memory: 2Gi, pods: 12, storage: 2Gi}
  dependencies:
  - {name: istio-base, role: controller, preset: istio-base}
  - {name: istiod, role: controller, preset: istiod, needs: [istio-base]}
  - name: echo
    needs: [istiod]
    manifests: [dependencies/echo.yaml]
    ready:
    - {rollout: deployment/echo-v1, namespace: shop, timeout: 3m}
    - {rollout: deployment/echo-v2, namespace: shop, timeout: 3m}
    - {rollout: deployment/client, namespace: shop, timeout: 3m}
  - {name: routes, needs: [echo], manifests: [dependencies/routes.yaml]}
";

const ROUTES: &str = "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: echo, namespace: shop}
spec:
  host: echo.shop.svc.cluster.local
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: echo, namespace: shop}
spec:
  hosts: [echo.shop.svc.cluster.local]
  http:
  - route:
    - {destination: {host: echo.shop.svc.cluster.local, subset: v1}, weight: 75}
    - {destination: {host: echo.shop.svc.cluster.local, subset: v2}, weight: 25}
";

/// Its kind lets it through; Istio's own validation does not.
const REFUSED: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: nowhere, namespace: shop}
spec: {hosts: [echo.shop.svc.cluster.local], http: [{timeout: 3s}]}
";

const ELASTICSEARCH: &str = "apiVersion: elasticsearch.k8s.elastic.co/v1
kind: Elasticsearch
metadata: {name: orders}
spec:
  version: 9.3.0
  nodeSets:
  - name: default
    count: 1
    config: {node.store.allow_mmap: false}
    podTemplate:
      spec:
        containers:
        - name: elasticsearch
          resources: {requests: {memory: 512Mi, cpu: 100m}, limits: {memory: 512Mi}}
";

const STORE: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: docker.io/library/busybox:1.36
        command: [sleep, \"86400\"]
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
";
