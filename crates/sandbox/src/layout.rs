//! Where a sandbox keeps its files: one folder on this machine, because there is one bridge and one set of
//! namespaces on it too, whoever asks for them.

use std::path::{Path, PathBuf};

/// The state folder of the machine. It is not in anybody's home: the sandbox needs root, and `sudo` may or
/// may not change `HOME`.
pub const STATE_DIR: &str = "/var/lib/taskwright/sandbox";
/// The folder of sockets and of what is true only while processes run. Apart from the state, because the path
/// of a socket may be no longer than 107 bytes, and a shim's is 64 bytes plus its folder.
pub const RUN_DIR: &str = "/run/taskwright";

/// The paths inside one state folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
    run: PathBuf,
}

impl Default for Layout {
    fn default() -> Self {
        Self::at(STATE_DIR, RUN_DIR)
    }
}

impl Layout {
    /// The layout under two folders, both absolute.
    pub fn at(root: impl Into<PathBuf>, run: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            run: run.into(),
        }
    }

    /// The folder that holds everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of sockets.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// What runs, as last written.
    pub fn state(&self) -> PathBuf {
        self.root.join("state.json")
    }

    /// Held by the command that is changing the sandbox.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The one-context kubeconfig for people.
    pub fn kubeconfig(&self) -> PathBuf {
        self.root.join("kubeconfig")
    }

    /// Keys and certificates.
    pub fn pki(&self) -> PathBuf {
        self.root.join("pki")
    }

    /// The database of the API server.
    pub fn etcd(&self) -> PathBuf {
        self.root.join("etcd")
    }

    /// Configuration of the parts that are not on a node.
    pub fn plane(&self) -> PathBuf {
        self.root.join("plane")
    }

    /// Image blobs; they outlive `down`.
    pub fn registry(&self) -> PathBuf {
        self.root.join("registry")
    }

    /// One file per process.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The log of the process `member/part`.
    pub fn log(&self, process: &str) -> PathBuf {
        self.logs().join(format!("{}.log", process.replace('/', "-")))
    }

    /// Volumes handed out by the storage class.
    pub fn volumes(&self) -> PathBuf {
        self.root.join("volumes")
    }

    /// All nodes.
    pub fn nodes(&self) -> PathBuf {
        self.root.join("nodes")
    }

    /// Everything of one node.
    pub fn node(&self, name: &str) -> NodeLayout {
        NodeLayout {
            root: self.nodes().join(name),
            run: self.run.join(name),
        }
    }
}

/// The paths of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeLayout {
    root: PathBuf,
    run: PathBuf,
}

impl NodeLayout {
    /// The folder that holds everything of the node.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of its sockets.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// Configuration files.
    pub fn config(&self) -> PathBuf {
        self.root.join("config")
    }

    /// The container runtime's configuration.
    pub fn containerd_config(&self) -> PathBuf {
        self.config().join("containerd.toml")
    }

    /// One folder per image registry, saying where to pull from instead.
    pub fn mirrors(&self) -> PathBuf {
        self.config().join("mirrors")
    }

    /// Image store of the container runtime.
    pub fn containerd_root(&self) -> PathBuf {
        self.root.join("containerd")
    }

    /// What the container runtime keeps about running containers.
    pub fn containerd_run(&self) -> PathBuf {
        self.run.join("containerd")
    }

    /// The socket of the container runtime.
    pub fn containerd_socket(&self) -> PathBuf {
        self.run.join("containerd.sock")
    }

    /// Sockets of the shims; one letter, because their folder may have at most 42 bytes.
    pub fn shim_sockets(&self) -> PathBuf {
        self.run.join("s")
    }

    /// What runc keeps about running containers.
    pub fn runc(&self) -> PathBuf {
        self.run.join("runc")
    }

    /// Pod network configuration.
    pub fn cni_config(&self) -> PathBuf {
        self.config().join("cni")
    }

    /// Pod network plugins, ours and the system's side by side.
    pub fn cni_bin(&self) -> PathBuf {
        self.root.join("cni-bin")
    }

    /// Which pod has which address.
    pub fn cni_data(&self) -> PathBuf {
        self.run.join("cni")
    }

    /// The kubelet's volumes and plugins.
    pub fn kubelet_root(&self) -> PathBuf {
        self.root.join("kubelet")
    }

    /// Logs of containers.
    pub fn pod_logs(&self) -> PathBuf {
        self.root.join("pod-logs")
    }

    /// What Felix writes about endpoints.
    pub fn felix(&self) -> PathBuf {
        self.run.join("felix")
    }
}
