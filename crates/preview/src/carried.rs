//! Which object inside a task an object of the host carries. The syncer writes it into annotations; a candidate, who can
//! label pods as they like, cannot.

/// Namespace and name inside the task, by the annotations of an object of the host.
pub fn carried<'a>(annotation: impl Fn(&str) -> Option<&'a str>) -> Option<(&'a str, &'a str)> {
    Some((
        annotation("vcluster.loft.sh/object-namespace")?,
        annotation("vcluster.loft.sh/object-name")?,
    ))
}
