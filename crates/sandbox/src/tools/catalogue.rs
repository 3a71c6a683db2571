//! The one list of the tools: what each is built from, and the versions stamped into it.

use std::fmt;

use super::Module;

/// A program the sandbox is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// Calico's CNI plugin.
    Calico,
    /// Calico's agent on every node, which enforces network policies.
    CalicoFelix,
    /// The part of cert-manager that puts certificate authorities where the API server looks for them.
    CertManagerCainjector,
    /// The part of cert-manager that issues certificates.
    CertManagerController,
    /// The part of cert-manager that checks what it is asked for.
    CertManagerWebhook,
    /// The container runtime.
    Containerd,
    /// What containerd keeps beside every pod.
    ContainerdShim,
    /// The DNS server of the host cluster and of every vCluster.
    Coredns,
    /// containerd's client.
    Ctr,
    /// The operator of Elasticsearch.
    EckOperator,
    /// The host cluster's database.
    Etcd,
    /// The chart renderer.
    Helm,
    /// The database front of a vCluster.
    Kine,
    /// The API server.
    KubeApiserver,
    /// The controllers.
    KubeControllerManager,
    /// The service proxy on every node.
    KubeProxy,
    /// The scheduler.
    KubeScheduler,
    /// The client.
    Kubectl,
    /// The agent on every node.
    Kubelet,
    /// The default storage class.
    LocalPathProvisioner,
    /// The metrics API.
    MetricsServer,
    /// The program that holds a pod's namespaces.
    Pause,
    /// What starts the proxy of Istio in a pod, and feeds it.
    PilotAgent,
    /// The control plane of Istio.
    PilotDiscovery,
    /// The registry that nodes pull from.
    Registry,
    /// What runs in a vCluster's pod.
    Vcluster,
    /// vCluster's own command line; for comparison runs only.
    Vclusterctl,
    /// The YAML processor in the TTY image.
    Yq,
}

const KUBERNETES: &str = "v1.36.3";
const CONTAINERD: &str = "v2.3.7";
const CALICO: &str = "v3.31.0";
const CERT_MANAGER: &str = "v1.21.2";
const ISTIO: &str = "1.31.0";
/// The commit that is tagged so.
const ISTIO_COMMIT: &str = "eed52ebb66ad";
const VCLUSTER: &str = "v0.36.1";

impl Tool {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::Etcd,
        Self::KubeApiserver,
        Self::KubeControllerManager,
        Self::Kubelet,
        Self::KubeScheduler,
        Self::KubeProxy,
        Self::Kubectl,
        Self::Vcluster,
        Self::Vclusterctl,
        Self::Containerd,
        Self::ContainerdShim,
        Self::Ctr,
        Self::CalicoFelix,
        Self::Calico,
        Self::Helm,
        Self::Coredns,
        Self::Kine,
        Self::Registry,
        Self::LocalPathProvisioner,
        Self::MetricsServer,
        Self::Yq,
        Self::Pause,
        Self::CertManagerController,
        Self::CertManagerWebhook,
        Self::CertManagerCainjector,
        Self::EckOperator,
        Self::PilotDiscovery,
        Self::PilotAgent,
    ];

    /// Those a sandbox needs.
    pub fn needed() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|&tool| tool != Self::Vclusterctl && !tool.module().is_extra())
            .collect()
    }

    /// The name of its binary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calico => "calico",
            Self::CalicoFelix => "calico-felix",
            Self::CertManagerCainjector => "cert-manager-cainjector",
            Self::CertManagerController => "cert-manager-controller",
            Self::CertManagerWebhook => "cert-manager-webhook",
            Self::Containerd => "containerd",
            Self::ContainerdShim => "containerd-shim-runc-v2",
            Self::Coredns => "coredns",
            Self::Ctr => "ctr",
            Self::EckOperator => "eck-operator",
            Self::Etcd => "etcd",
            Self::Helm => "helm",
            Self::Kine => "kine",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::KubeProxy => "kube-proxy",
            Self::KubeScheduler => "kube-scheduler",
            Self::Kubectl => "kubectl",
            Self::Kubelet => "kubelet",
            Self::LocalPathProvisioner => "local-path-provisioner",
            Self::MetricsServer => "metrics-server",
            Self::Pause => "pause",
            Self::PilotAgent => "pilot-agent",
            Self::PilotDiscovery => "pilot-discovery",
            Self::Registry => "registry",
            Self::Vcluster => "vcluster",
            Self::Vclusterctl => "vclusterctl",
            Self::Yq => "yq",
        }
    }

    /// What Go calls the binary: the last part of the package's path that is no version.
    pub(super) const fn built_as(self) -> &'static str {
        match self {
            Self::CertManagerCainjector => "cainjector",
            Self::CertManagerController => "controller",
            Self::CertManagerWebhook => "webhook",
            Self::EckOperator => "cmd",
            Self::Etcd => "server",
            other => other.name(),
        }
    }

    /// The version that is pinned in its module's `go.mod`.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Calico | Self::CalicoFelix => CALICO,
            Self::CertManagerCainjector | Self::CertManagerController | Self::CertManagerWebhook => {
                CERT_MANAGER
            }
            Self::Containerd | Self::ContainerdShim | Self::Ctr => CONTAINERD,
            Self::Coredns => "v1.15.0",
            Self::EckOperator => "v3.5.0",
            Self::Etcd => "v3.7.3",
            Self::Helm => "v4.3.1",
            Self::Kine => "v0.17.5",
            Self::KubeApiserver
            | Self::KubeControllerManager
            | Self::KubeProxy
            | Self::KubeScheduler
            | Self::Kubectl
            | Self::Kubelet => KUBERNETES,
            Self::LocalPathProvisioner => "v0.0.30",
            Self::MetricsServer => "v0.9.0",
            Self::Pause => concat!("v", env!("CARGO_PKG_VERSION")),
            Self::PilotAgent | Self::PilotDiscovery => ISTIO,
            Self::Registry => "v3.1.2",
            Self::Vcluster | Self::Vclusterctl => VCLUSTER,
            Self::Yq => "v4.54.2",
        }
    }

    pub(super) const fn module(self) -> Module {
        match self {
            Self::Calico | Self::CalicoFelix => Module::Network,
            Self::CertManagerCainjector | Self::CertManagerController | Self::CertManagerWebhook => {
                Module::CertManager
            }
            Self::Containerd
            | Self::ContainerdShim
            | Self::Coredns
            | Self::Ctr
            | Self::Etcd
            | Self::Helm
            | Self::Kine
            | Self::KubeApiserver
            | Self::KubeControllerManager
            | Self::KubeProxy
            | Self::KubeScheduler
            | Self::Kubectl
            | Self::Kubelet
            | Self::LocalPathProvisioner
            | Self::MetricsServer
            | Self::Registry
            | Self::Vcluster
            | Self::Vclusterctl
            | Self::Yq => Module::Kubernetes,
            Self::EckOperator => Module::Eck,
            Self::Pause => Module::Pause,
            Self::PilotAgent | Self::PilotDiscovery => Module::Istio,
        }
    }

    /// Whether it cannot be built in one run with others of its module: Go refuses two packages whose paths differ in
    /// case alone, and this one still imports logrus by the name it had once.
    pub(super) const fn is_built_alone(self) -> bool {
        matches!(self, Self::LocalPathProvisioner)
    }

    pub(super) const fn package(self) -> &'static str {
        match self {
            Self::Calico => "github.com/projectcalico/calico/cni-plugin/cmd/calico",
            Self::CalicoFelix => "github.com/projectcalico/calico/felix/cmd/calico-felix",
            Self::CertManagerCainjector => "./cainjector",
            Self::CertManagerController => "./controller",
            Self::CertManagerWebhook => "./webhook",
            Self::Containerd => "github.com/containerd/containerd/v2/cmd/containerd",
            Self::ContainerdShim => "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            Self::Coredns => "./coredns",
            Self::Ctr => "github.com/containerd/containerd/v2/cmd/ctr",
            Self::EckOperator => "github.com/elastic/cloud-on-k8s/v3/cmd",
            Self::Etcd => "go.etcd.io/etcd/server/v3",
            Self::Helm => "helm.sh/helm/v4/cmd/helm",
            Self::Kine => "github.com/k3s-io/kine",
            Self::KubeApiserver => "k8s.io/kubernetes/cmd/kube-apiserver",
            Self::KubeControllerManager => "k8s.io/kubernetes/cmd/kube-controller-manager",
            Self::KubeProxy => "k8s.io/kubernetes/cmd/kube-proxy",
            Self::KubeScheduler => "k8s.io/kubernetes/cmd/kube-scheduler",
            Self::Kubectl => "k8s.io/kubernetes/cmd/kubectl",
            Self::Kubelet => "k8s.io/kubernetes/cmd/kubelet",
            Self::LocalPathProvisioner => "github.com/rancher/local-path-provisioner",
            Self::MetricsServer => "sigs.k8s.io/metrics-server/cmd/metrics-server",
            Self::Pause => ".",
            Self::PilotAgent => "istio.io/istio/pilot/cmd/pilot-agent",
            Self::PilotDiscovery => "istio.io/istio/pilot/cmd/pilot-discovery",
            Self::Registry => "./registry",
            Self::Vcluster => "github.com/loft-sh/vcluster/cmd/vcluster",
            Self::Vclusterctl => "github.com/loft-sh/vcluster/cmd/vclusterctl",
            Self::Yq => "github.com/mikefarah/yq/v4",
        }
    }

    /// The variables that carry the version, each with what to put there.
    ///
    /// vCluster has none: it sends telemetry unless its version is the default, `dev`.
    fn stamps(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Calico | Self::CalicoFelix => {
                vec![("github.com/projectcalico/calico/pkg/buildinfo.Version", CALICO)]
            }
            Self::CertManagerCainjector | Self::CertManagerController | Self::CertManagerWebhook => {
                vec![(
                    "github.com/cert-manager/cert-manager/pkg/util.AppVersion",
                    CERT_MANAGER,
                )]
            }
            Self::Containerd | Self::ContainerdShim | Self::Ctr => {
                vec![("github.com/containerd/containerd/v2/version.Version", CONTAINERD)]
            }
            Self::EckOperator => vec![("github.com/elastic/cloud-on-k8s/v3/pkg/about.version", "3.5.0")],
            Self::Helm => vec![("helm.sh/helm/v4/internal/version.version", self.version())],
            Self::Kine => vec![("github.com/k3s-io/kine/pkg/version.Version", self.version())],
            Self::KubeApiserver
            | Self::KubeControllerManager
            | Self::KubeProxy
            | Self::KubeScheduler
            | Self::Kubectl
            | Self::Kubelet => kubernetes_stamps(),
            Self::LocalPathProvisioner => vec![("main.VERSION", self.version())],
            Self::MetricsServer => vec![("k8s.io/client-go/pkg/version.gitVersion", self.version())],
            Self::PilotAgent | Self::PilotDiscovery => vec![
                ("istio.io/istio/pkg/version.buildVersion", ISTIO),
                ("istio.io/istio/pkg/version.buildTag", ISTIO),
                ("istio.io/istio/pkg/version.buildGitRevision", ISTIO_COMMIT),
                ("istio.io/istio/pkg/version.buildStatus", "Clean"),
                ("istio.io/istio/pkg/version.buildHub", "docker.io/istio"),
            ],
            Self::Registry => vec![(
                "github.com/distribution/distribution/v3/version.version",
                self.version(),
            )],
            Self::Vclusterctl => vec![("main.version", "0.36.1")],
            Self::Coredns | Self::Etcd | Self::Pause | Self::Vcluster | Self::Yq => vec![],
        }
    }

    pub(super) fn linker_flags(self) -> String {
        let stamps = self
            .stamps()
            .into_iter()
            .map(|(variable, value)| format!(" -X {variable}={value}"));
        format!("-s -w{}", stamps.collect::<String>())
    }
}

/// Both places a Kubernetes binary reads its version from; vCluster refuses a host that does not say one.
fn kubernetes_stamps() -> Vec<(&'static str, &'static str)> {
    vec![
        ("k8s.io/component-base/version.gitVersion", KUBERNETES),
        ("k8s.io/component-base/version.gitMajor", "1"),
        ("k8s.io/component-base/version.gitMinor", "36"),
        ("k8s.io/component-base/version.gitTreeState", "clean"),
        ("k8s.io/client-go/pkg/version.gitVersion", KUBERNETES),
        ("k8s.io/client-go/pkg/version.gitMajor", "1"),
        ("k8s.io/client-go/pkg/version.gitMinor", "36"),
    ]
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
