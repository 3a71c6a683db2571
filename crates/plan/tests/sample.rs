//! The whole plan of a small bundle, compared with what was agreed on.

use bundle::{Bundle, BundleFiles, BundlePath};
use plan::host::Node;
use plan::{HostFacts, HostProfile, HostSettings, PreviewId};
use serde_json::json;

fn sample() -> Bundle {
    let mut files = BundleFiles::new();
    for (path, content) in [
        ("task.yaml", include_str!("sample/task.yaml")),
        ("statement.md", include_str!("sample/statement.md")),
        ("init/seed.sh", include_str!("sample/init/seed.sh")),
        (
            "dependencies/settings.yaml",
            include_str!("sample/dependencies/settings.yaml"),
        ),
    ] {
        files.insert_file(BundlePath::new(path).expect("a bundle path"), content.as_bytes());
    }
    let checked = bundle::check(&files);
    assert!(
        !checked.has_errors(),
        "the sample has no error: {:?}",
        checked.diagnostics
    );
    checked.bundle.expect("a bundle without errors")
}

fn profile() -> HostProfile {
    let node = |name: &str, pool: &str| Node {
        name: name.to_owned(),
        labels: [("taskwright.dev/pool".to_owned(), pool.to_owned())].into(),
        taints: Vec::new(),
        architecture: "amd64".to_owned(),
    };
    let facts = HostFacts {
        version: "v1.36.3".to_owned(),
        service_cidr: Some("10.96.0.0/16".to_owned()),
        cluster_dns: Some("10.96.0.10".to_owned()),
        default_storage_class: Some("local-path".to_owned()),
        storage_classes: vec!["local-path".to_owned()],
        nodes: vec![node("a", "control"), node("b", "task")],
    };
    HostProfile::new(&HostSettings::default(), facts)
}

#[test]
fn the_plan_of_a_small_bundle() {
    let id = PreviewId::new("sample", 0);
    let plan = plan::plan(&sample(), &profile(), &id).expect("it fits the host");
    insta::assert_json_snapshot!(json!({
        "host": plan.host_objects,
        "values": plan.vcluster.values,
        "seat": plan.seat.objects,
        "steps": plan::steps(&sample()),
    }));
}

#[test]
fn a_version_without_image_is_a_misfit() {
    let mut bundle = sample();
    bundle.environment.kubernetes_version.minor = 20;
    let problems =
        plan::plan(&bundle, &profile(), &PreviewId::new("sample", 0)).expect_err("1.20 has no image");
    assert_eq!(
        problems[0].to_string(),
        "no vCluster image for Kubernetes 1.20; use one of 1.33, 1.34, 1.35, 1.36"
    );
}
