//! Every good bundle checks clean and gives the bundle that its `task.yaml` says.
#![expect(clippy::unwrap_used, reason = "the helpers of these tests fail loudly")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use bundle::Bundle;
use bundle::lock;
use bundle::model::{
    ChartSource, CheckKind, EgressRule, Fetch, Initially, Isolation, Readiness, Role, Source, Step, Target,
    WorkloadKind,
};
use bundle::preset::Preset;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bundles/good")
}

fn good(name: &str) -> Bundle {
    let checked = workspace::check_folder(&root().join(name)).unwrap().checked;
    assert_eq!(checked.diagnostics, [], "{name}");
    checked.bundle.unwrap()
}

fn names<'a>(wave: &[Step<'a>]) -> Vec<&'a str> {
    wave.iter().map(|step| step.name().as_str()).collect()
}

#[test]
fn all_good_bundles_check_clean_and_are_called_what_their_folders_are() {
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert_eq!(good(&name).name.as_str(), name);
    }
}

#[test]
fn defaults_are_those_of_the_format() {
    let bundle = good("minimal");
    assert_eq!(bundle.environment.isolation, Isolation::Vcluster);
    assert_eq!(bundle.environment.kubernetes_version.to_string(), "1.36");
    assert_eq!(bundle.environment.resources.memory.to_string(), "4Gi");
    assert_eq!(bundle.environment.egress, []);
    assert_eq!(bundle.environment.boot_budget, Duration::from_mins(5));
    assert_eq!(bundle.tty.shell.as_str(), "/bin/bash");
    assert_eq!(bundle.tty.cluster_role.as_str(), "cluster-admin");
    assert_eq!(bundle.checks[0].points, 1);
    assert_eq!(bundle.checks[0].timeout, Duration::from_secs(20));
    assert_eq!(bundle.vcluster_values, None);
}

#[test]
fn the_environment_is_read() {
    let environment = good("environment").environment;
    assert_eq!(environment.resources.cpu.milli(), 1500);
    assert_eq!(environment.resources.storage.units(), 10_000_000_000);
    let allowed: Vec<String> = environment.egress.iter().map(EgressRule::to_string).collect();
    assert_eq!(
        allowed,
        ["203.0.113.0/24", "2001:db8::/32", "pypi.org", "*.example.com"]
    );
    assert_eq!(environment.boot_budget, Duration::from_mins(90));
}

#[test]
fn manifests_come_in_the_order_of_the_list() {
    let bundle = good("dependency-manifests");
    let Source::Manifests { files } = &bundle.dependencies[1].source else {
        panic!("manifests")
    };
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "dependencies/web-1.yaml",
            "dependencies/web-2.yaml",
            "dependencies/list.yaml"
        ]
    );
    assert_eq!(
        files[0]
            .documents
            .iter()
            .map(|document| document.line)
            .collect::<Vec<_>>(),
        [2, 6]
    );
    let deployment = &files[0].documents[1].value;
    assert_eq!(
        deployment["spec"]["template"]["metadata"]["labels"],
        serde_json::json!({"tier": "front", "app": "web"})
    );
    assert_eq!(
        deployment["spec"]["template"]["spec"]["volumes"][0]["configMap"]["defaultMode"],
        420
    );
    assert_eq!(files[2].documents[0].value["items"][0]["data"]["answer"], "yes");
}

#[test]
fn gates_are_read() {
    let bundle = good("dependency-manifests");
    let gates = &bundle.dependencies[1].ready;
    assert!(
        matches!(&gates[0].until, Readiness::Rollout { kind: WorkloadKind::Deployment, name, namespace }
        if name.as_str() == "web" && namespace.as_str() == "shop")
    );
    assert!(
        matches!(&gates[1].until, Readiness::Condition { resource, name, condition, .. }
        if &**resource == "widget.example.com" && name.as_str() == "one" && condition.as_str() == "Ready")
    );
    assert!(matches!(&gates[2].until, Readiness::Job { .. }));
    assert_eq!(gates[2].timeout, Some(Duration::from_mins(2)));
    assert!(matches!(&gates[3].until, Readiness::DryRun { manifest } if manifest.documents.len() == 1));
}

#[test]
fn charts_have_their_defaults() {
    let bundle = good("dependency-helm");
    let Source::Helm {
        namespace,
        release,
        values,
        ..
    } = &bundle.dependencies[0].source
    else {
        panic!("helm")
    };
    assert_eq!(
        (namespace.as_str(), release.as_str(), values.len()),
        ("shop", "shop-web", 2)
    );
    let Source::Helm {
        namespace, release, ..
    } = &bundle.dependencies[1].source
    else {
        panic!("helm")
    };
    assert_eq!((namespace.as_str(), release.as_str()), ("default", "defaults"));
}

#[test]
fn charts_from_elsewhere_say_where_and_presets_bring_their_gates() {
    let bundle = good("dependency-remote");
    let charts: Vec<String> = bundle
        .dependencies
        .iter()
        .map(|dependency| match &dependency.source {
            Source::Helm {
                chart: ChartSource::Remote(chart),
                ..
            } => chart.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        charts,
        [
            "oci://quay.io/jetstack/charts/cert-manager v1.21.2",
            "oci://ghcr.io/istio/release/charts/base 1.29.0",
            "oci://charts.example.org/team/web v2.0.1-rc.1",
            "https://charts.example.org/stable/search 1.2.3",
        ]
    );
    let certs = &bundle.dependencies[0];
    let Source::Helm {
        preset,
        values,
        namespace,
        ..
    } = &certs.source
    else {
        panic!("a chart")
    };
    assert_eq!(
        (*preset, values.len(), namespace.as_str()),
        (Some(Preset::CertManager), 1, "cert-manager")
    );
    assert_eq!(certs.role, Role::Controller);
    let own = Preset::CertManager.recipe().ready;
    assert_eq!(certs.ready[..own.len()], own[..]);
    assert!(
        matches!(&certs.ready[own.len()].until, Readiness::ApiService { name } if name.as_str() == "v1.cert-manager.io")
    );
    assert_eq!(bundle.init[0].retries, 3);
}

#[test]
fn gates_that_look_at_any_object_or_ask_from_the_seat_are_read() {
    let gates = &good("dependency-remote").dependencies[2].ready;
    assert!(matches!(&gates[0].until, Readiness::Exists { object }
        if object.to_string() == "secret/web-tls" && object.namespace.as_str() == "shop"));
    assert!(matches!(&gates[1].until, Readiness::Cel { object, expression }
        if object.to_string() == "deployment/web" && expression.as_str().ends_with(">= 2")));
    assert!(matches!(&gates[2].until, Readiness::Tcp { address } if address.as_str() == "web.shop.svc:443"));
    assert!(matches!(&gates[3].until, Readiness::Http { status: 204, .. }));
}

#[test]
fn what_is_rendered_depends_on_all_that_is_read_and_on_nothing_else() {
    let bundle = good("dependency-helm");
    let digest = |change: &dyn Fn(&mut Bundle)| {
        let mut changed = bundle.clone();
        change(&mut changed);
        lock::inputs(&changed, &changed.dependencies[0]).unwrap()
    };
    let same = digest(&|_| {});
    let write = |path: &'static str| {
        move |bundle: &mut Bundle| {
            bundle
                .files
                .insert_file(bundle::BundlePath::new(path).unwrap(), *b"changed: true\n");
        }
    };
    for path in ["statement.md", "checks/web.sh", "dependencies/other.yaml"] {
        assert_eq!(digest(&write(path)), same, "{path}");
    }
    for path in [
        "dependencies/base.yaml",
        "dependencies/charts/web/values.yaml",
        "dependencies/charts/web/templates/new.yaml",
    ] {
        assert_ne!(digest(&write(path)), same, "{path}");
    }
    assert_ne!(
        digest(&|bundle| bundle.environment.kubernetes_version.minor = 35),
        same
    );
}

#[test]
fn steps_stand_in_waves() {
    let bundle = good("init-in-order");
    let waves: Vec<_> = bundle.order().iter().map(|wave| names(wave)).collect();
    assert_eq!(
        waves,
        [vec!["first", "fourth"], vec!["web", "second"], vec!["third"]]
    );
    assert!(
        matches!(&bundle.init[1].target, Target::Job { image: Some(image) } if image.as_str() == "busybox:1")
    );
    assert_eq!(bundle.init[2].target, Target::Job { image: None });
}

#[test]
fn the_home_folder_is_read_with_its_modes() {
    let bundle = good("tty");
    let home: Vec<_> = bundle
        .tty
        .home
        .iter()
        .map(|file| (file.path.as_str(), file.mode))
        .collect();
    let expected = [
        (".config/tool/settings.ini", 0o644),
        ("again.ini", 0o644),
        ("bin/run", 0o755),
        ("picture.bin", 0o644),
    ];
    assert_eq!(home, expected);
    assert_eq!(
        bundle.tty.home[0].content, bundle.tty.home[1].content,
        "a link inside is followed"
    );
    assert_eq!(
        bundle
            .hints
            .iter()
            .map(|hint| hint.text.as_str())
            .collect::<Vec<_>>(),
        ["First.\n", "Second.\n"]
    );
    assert!(bundle.tty.motd.unwrap().contains("你好"));
}

#[test]
fn checks_of_all_kinds_are_read() {
    let bundle = good("checks");
    assert!(matches!(&bundle.checks[0].kind, CheckKind::Script { .. }));
    assert!(
        matches!(&bundle.checks[1].kind, CheckKind::Assert { manifest } if manifest.documents.len() == 1)
    );
    let CheckKind::Cel { objects, expression } = &bundle.checks[2].kind else {
        panic!("not an expression")
    };
    assert_eq!(expression.as_str(), "web.spec.replicas == 2 && size(pods) == 2");
    let variables: Vec<&str> = objects.iter().map(|one| one.variable.as_str()).collect();
    assert_eq!(variables, ["web", "pods"]);
    assert!(
        matches!(&objects[1].fetch, Fetch::Many { selector, .. } if selector.as_deref() == Some("app=web"))
    );
    assert_eq!(
        (bundle.checks[2].retries, bundle.checks[2].needs[0].as_str()),
        (3, "by-object")
    );
    assert!(matches!(&bundle.checks[3].kind, CheckKind::Tcp { .. }));
    assert_eq!(bundle.checks[3].initially, Initially::Pass);
    assert!(
        matches!(&bundle.checks[4].kind, CheckKind::Http { status: 404, contains, .. } if contains.is_some())
    );
    assert_eq!(bundle.solutions[1].must_fail.len(), 2);
}
