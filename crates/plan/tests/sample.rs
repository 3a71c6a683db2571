//! The whole plan of a small bundle, compared with what was agreed on.

use bundle::{Bundle, BundleFiles, BundlePath, lock};
use plan::host::Node;
use plan::{Apply, HostFacts, HostProfile, HostSettings, PreviewId};
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

/// A bundle with a chart of its own and one from elsewhere, locked or not.
fn with_charts(change: impl FnOnce(&mut BundleFiles)) -> bundle::Checked {
    let task = "apiVersion: taskwright.dev/v1alpha1
kind: Task
metadata: {name: charts}
spec:
  title: Charts
  difficulty: beginner
  timeLimit: 30m
  dependencies:
  - {name: own, helm: {chart: dependencies/own, namespace: shop}}
  - {name: far, helm: {chart: 'oci://charts.example.org/far', version: 1.0.0, namespace: shop}}
  checks:
  - {name: done, title: It is done, points: 1, cel: 'true'}
";
    let mut files = BundleFiles::new();
    for (path, content) in [
        ("task.yaml", task),
        ("statement.md", "Do it."),
        (
            "dependencies/own/Chart.yaml",
            "apiVersion: v2\nname: own\nversion: 1.0.0\n",
        ),
    ] {
        files.insert_file(BundlePath::new(path).expect("a bundle path"), content.as_bytes());
    }
    change(&mut files);
    bundle::check(&files)
}

fn locked(files: &mut BundleFiles) {
    let checked = bundle::check(files);
    let bundle = checked.bundle.expect("a bundle without errors");
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "locked" } });
    let text = lock::to_yaml(&[map]).expect("it can be written");
    let dependencies = bundle.dependencies.iter().map(|dependency| {
        let name = dependency.name.as_str();
        files.insert_file(lock::manifests_path(name), text.as_bytes());
        let locked = lock::LockedDependency {
            source: String::new(),
            chart: None,
            inputs: lock::inputs(&bundle, dependency).expect("it is rendered"),
            manifests: lock::digest(text.as_bytes()),
            objects: 1,
        };
        (name.to_owned(), locked)
    });
    let lock = lock::Lock {
        version: lock::VERSION,
        kubernetes: "1.36".into(),
        vcluster: plan::CHART_VERSION.into(),
        rendered_by: std::collections::BTreeMap::default(),
        dependencies: dependencies.collect(),
        images: std::collections::BTreeMap::default(),
        platforms: std::collections::BTreeMap::default(),
    };
    let text = lock.to_text().expect("it can be written");
    files.insert_file(
        BundlePath::new(lock::FILE).expect("a bundle path"),
        text.into_bytes(),
    );
}

/// What is done with each dependency, or why the bundle cannot be booted; and what is said beside.
fn applied(checked: &bundle::Checked) -> (Vec<String>, Vec<String>) {
    let bundle = checked.bundle.as_ref().expect("a bundle without errors");
    let words = |apply: &Apply| match apply {
        Apply::Objects(_) => "objects",
        Apply::Chart(_) => "rendered at boot",
        Apply::Release(_) => "installed at boot",
        Apply::Locked(locked) if locked.namespace == "shop" => "locked",
        Apply::Locked(_) => "locked elsewhere",
    };
    let planned = plan::plan(bundle, &profile(), &PreviewId::new("charts", 0));
    let done = match planned {
        Ok(plan) => plan
            .dependencies
            .iter()
            .map(|one| words(&one.apply).to_owned())
            .collect(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    };
    (done, plan::notes(bundle))
}

fn stale(checked: &bundle::Checked) -> usize {
    let codes = checked.diagnostics.iter().map(|problem| problem.code);
    codes.filter(|code| *code == bundle::Code::StaleLock).count()
}

#[test]
fn a_boot_applies_what_was_locked_and_fetches_nothing() {
    let never = "dependency `far` was never rendered; lock the bundle with `taskwright lock`";
    assert_eq!(applied(&with_charts(|_| {})), (vec![never.to_owned()], vec![]));
    let fresh = with_charts(locked);
    assert_eq!(
        applied(&fresh),
        (vec!["locked".to_owned(), "locked".to_owned()], vec![])
    );
    assert_eq!(stale(&fresh), 0);
}

#[test]
fn what_has_changed_since_is_named_and_a_chart_at_hand_is_rendered_anew() {
    let changed = with_charts(|files| {
        locked(files);
        let path = BundlePath::new("dependencies/own/values.yaml").expect("a bundle path");
        files.insert_file(path, *b"a: 1\n");
    });
    let said = "the lock is stale: what dependency `own` is rendered from has changed; \
                lock the bundle again with `taskwright lock`";
    let done = vec!["rendered at boot".to_owned(), "locked".to_owned()];
    assert_eq!(applied(&changed), (done, vec![said.to_owned()]));
    assert_eq!(stale(&changed), 1);
    let edited = with_charts(|files| {
        locked(files);
        files.insert_file(lock::manifests_path("far"), *b"# edited\n");
    });
    let said = "the locked manifests of dependency `far` cannot be used: `lock/far.yaml` was edited; \
                lock the bundle again with `taskwright lock`";
    assert_eq!(applied(&edited).0, [said]);
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

#[test]
fn an_image_that_no_node_for_tasks_can_run_is_named() {
    let platforms = |of: &[(&str, &[&str])]| {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        of.iter()
            .map(|(image, made_for)| ((*image).to_owned(), owned(made_for)))
            .collect()
    };
    let checked = with_charts(locked);
    let mut bundle = checked.bundle.expect("a bundle without errors");
    if let Some(lock) = &mut bundle.lock {
        lock.platforms = platforms(&[
            ("quay.io/a/both:1", &["linux/amd64", "linux/arm64"]),
            ("quay.io/a/other:1", &["linux/arm64", "windows/amd64"]),
        ]);
    }
    let problems = plan::plan(&bundle, &profile(), &PreviewId::new("charts", 0))
        .expect_err("one is made for other machines");
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "image `quay.io/a/other:1` is made for linux/arm64, windows/amd64, and the host's nodes for tasks are linux/amd64; \
          use an image for these machines, or another host"
        ]
    );
}
