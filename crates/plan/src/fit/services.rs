//! Services that want a port or an address of the host: a task's quota has none of them.

use bundle::diagnostic::Code;
use bundle::{Bundle, Diagnostic};

use super::Placed;

pub(super) fn refused(bundle: &Bundle, objects: &[Placed]) -> Vec<Diagnostic> {
    let wanting = objects.iter().filter_map(|placed| {
        let kind = placed.object["spec"]["type"].as_str()?;
        (placed.object["kind"] == "Service" && matches!(kind, "LoadBalancer" | "NodePort"))
            .then_some((placed, kind))
    });
    wanting
        .map(|(placed, kind)| {
            let what = if kind == "LoadBalancer" {
                "an address"
            } else {
                "a port"
            };
            let message = format!(
                "{} wants {what} of the host, which a task does not get",
                placed.name()
            );
            placed.problem(bundle, Code::ServiceRefused, message).hint(
                "use `type: ClusterIP`; the candidate's terminal is inside the cluster and reaches it there",
            )
        })
        .collect()
}
