//! What booting a bundle on a host will do: `Bundle` + `HostProfile` -> `Plan`.
//!
//! Pure: no disk, no cluster, no clock, no randomness. The same input gives the same manifests, so a plan can
//! be shown, compared and tested without a cluster. Charts are described, not rendered: rendering one needs a
//! process, which is the boot's business.

mod fit;
pub mod grader;
pub mod host;
pub mod id;
pub mod labels;
pub mod limits;
mod mirror;
mod namespace;
mod payload;
mod problem;
pub mod seat;
pub mod step;
mod values;

pub use fit::fit;
pub use host::{ChartLocation, HostFacts, HostProfile, HostSettings, Pool, Toleration};
pub use id::PreviewId;
pub use mirror::Mirror;
pub use payload::{
    Apply, ChartPlan, DependencyPlan, InitPlace, InitPlan, LockedPlan, chart, chart_files,
    choose_storage_class, dependency_objects, object_name, objects,
};
pub use problem::{PlanProblem, host_notes, notes};
pub use seat::SeatPlan;
pub use step::{Phase, Step, StepId, steps, update_steps};
pub use values::{CHART_VERSION, ChartRelease, KUBERNETES_IMAGE, VCLUSTER_IMAGE, images};

use bundle::Bundle;
pub(crate) use payload::objects_of;
use serde_json::Value;

/// Everything a boot creates, in the shape in which it is applied.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which preview this is; names the namespace and the vCluster.
    pub id: PreviewId,
    /// Title of the task, for people.
    pub title: String,
    /// The host's Kubernetes version, which charts for the host are rendered for.
    pub host_version: String,
    /// Objects applied to the host before the vCluster: its namespace with labels and pod security.
    pub host_objects: Vec<Value>,
    /// The vCluster chart and the values it is rendered with.
    pub vcluster: ChartRelease,
    /// The candidate's pod and all that belongs to it, applied inside the vCluster.
    pub seat: SeatPlan,
    /// Dependencies in the order of the bundle.
    pub dependencies: Vec<DependencyPlan>,
    /// Init steps in the order of the bundle.
    pub init: Vec<InitPlan>,
    /// The storage class to write into claims that name none; `None` leaves that to the host's default.
    pub storage_class: Option<String>,
}

/// Plans the boot of `bundle` on the host that `profile` describes.
///
/// # Errors
/// Returns every reason why this bundle cannot run on this host.
pub fn plan(bundle: &Bundle, profile: &HostProfile, id: &PreviewId) -> Result<Plan, Vec<PlanProblem>> {
    let mut problems = problem::misfits(bundle, profile);
    let dependencies = payload::dependencies(bundle).unwrap_or_else(|unapplied| {
        problems.extend(unapplied);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Plan {
        id: id.clone(),
        title: bundle.title.clone(),
        host_version: profile.facts.version.clone(),
        host_objects: namespace::objects(bundle, id),
        vcluster: values::release(bundle, profile, id),
        seat: seat::plan(bundle, profile),
        dependencies,
        init: payload::init(bundle, profile),
        storage_class: profile.storage_class.clone(),
    })
}
