//! The Kubernetes programs of a vCluster. Its init container copies all of `/kubernetes`, so nothing more than a
//! default vCluster starts is in there.

use super::super::oci::Config;
use super::super::recipe::Recipe;
use super::PATH;
use crate::tools::Tool;

pub(in super::super) fn recipe() -> Recipe {
    Recipe::scratch(Config {
        env: vec![PATH],
        cmd: vec!["sh"],
        ..Config::default()
    })
    .system_files()
    .shell()
    .tool("kubernetes/kube-apiserver", Tool::KubeApiserver)
    .tool("kubernetes/kube-controller-manager", Tool::KubeControllerManager)
    .tool("kubernetes/kine", Tool::Kine)
}
