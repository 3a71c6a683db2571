//! How each image is made, a file per image.

pub(super) mod busybox;
pub(super) mod cert_manager;
pub(super) mod coredns;
pub(super) mod eck;
pub(super) mod istio;
pub(super) mod kubernetes;
pub(super) mod local_path;
pub(super) mod metrics_server;
pub(super) mod nginx;
pub(super) mod pause;
pub(super) mod postgres;
pub(super) mod rabbitmq;
pub(super) mod redis;
pub(super) mod tty;
pub(super) mod vcluster;

/// What programs find on PATH in images without Debian.
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
