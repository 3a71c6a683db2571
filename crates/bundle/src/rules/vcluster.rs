//! `vcluster.yaml` belongs to a task that has a vCluster.

use crate::context::Context;
use crate::diagnostic::Code;
use crate::model::Isolation;
use crate::report::Report;

/// Reports chart values beside `isolation: namespace`.
pub(super) fn rule(context: &Context<'_>, report: &mut Report) {
    let environment = context.spec().environment.as_ref();
    let isolation = environment.and_then(|environment| environment.value.isolation.as_ref());
    if let Some(isolation) = isolation
        && isolation.value == Isolation::Namespace
        && context.files.entry(crate::vcluster::FILE).is_some()
    {
        let message = "vcluster.yaml has no effect with `isolation: namespace`";
        let problem = context.problem(Code::NoVcluster, isolation.marks, message);
        report.push(problem.hint("remove vcluster.yaml, or use `isolation: vcluster`"));
    }
}
