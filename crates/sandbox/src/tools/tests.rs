//! Keys follow their inputs, half-built entries are not believed, and errors say what to do.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_key_follows_what_goes_into_a_tool() {
    let key = key::of_tool(Tool::Etcd, "go1.26.8");
    assert_eq!(key, key::of_tool(Tool::Etcd, "go1.26.8"));
    assert_ne!(key, key::of_tool(Tool::Etcd, "go1.26.9"));
    assert_ne!(
        key,
        key::of_tool(Tool::Ctr, "go1.26.8"),
        "same module, other package"
    );
    assert_ne!(key::of(["ab".as_bytes(), b"c"]), key::of(["a".as_bytes(), b"bc"]));
}

#[test]
fn every_tool_is_listed_once_and_declared_in_its_module() {
    for (place, tool) in Tool::ALL.into_iter().enumerate() {
        assert!(!Tool::ALL[..place].contains(&tool), "{tool} twice");
        if !tool.package().starts_with('.') {
            let declared = format!("\t{}\n", tool.package());
            assert!(
                tool.module().go_mod().contains(&declared),
                "{tool} is not in {:?}",
                tool.module()
            );
        }
    }
}

#[test]
fn tools_of_a_module_are_built_together_but_for_one_that_cannot_be() {
    let groups = together(&[Tool::Helm, Tool::Calico, Tool::LocalPathProvisioner, Tool::Yq]);
    let expected = vec![
        (Module::Kubernetes, vec![Tool::Helm, Tool::Yq]),
        (Module::Kubernetes, vec![Tool::LocalPathProvisioner]),
        (Module::Network, vec![Tool::Calico]),
    ];
    assert_eq!(groups, expected);
}

#[test]
fn the_versions_shown_are_the_versions_pinned() {
    // Calico's and Istio's modules are pinned by commit: their tags are not Go versions.
    let by_tag = |tool: &Tool| {
        !matches!(
            tool,
            Tool::Calico | Tool::CalicoFelix | Tool::Pause | Tool::PilotAgent | Tool::PilotDiscovery
        )
    };
    let module_of = |tool: Tool| match tool {
        Tool::CertManagerCainjector | Tool::CertManagerController | Tool::CertManagerWebhook => {
            "github.com/cert-manager/cert-manager"
        }
        Tool::Coredns => "github.com/coredns/coredns",
        Tool::Registry => "github.com/distribution/distribution/v3",
        other => other.package(),
    };
    for tool in Tool::ALL.into_iter().filter(by_tag) {
        let pinned = tool.module().go_mod().lines().any(|line| {
            let mut words = line.split_whitespace();
            let (module, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            !module.is_empty() && module_of(tool).starts_with(module) && version == tool.version()
        });
        assert!(pinned, "{tool} is not pinned at {}", tool.version());
    }
}

#[test]
fn go_versions_are_read_as_go_writes_them() {
    assert_eq!(go::parse("1.26.8"), Some((1, 26, 8)));
    assert_eq!(go::parse("1.27"), Some((1, 27, 0)));
    assert_eq!(go::parse("1.27rc1 X:jsonv2"), Some((1, 27, 0)));
    assert_eq!(go::parse("devel"), None);
}

#[test]
fn the_cache_is_where_the_user_keeps_caches() {
    let home = Path::new("/home/ada");
    assert_eq!(
        default_cache(None, home),
        Path::new("/home/ada/.cache/taskwright/sandbox")
    );
    assert_eq!(
        default_cache(Some(Path::new("/big")), home),
        Path::new("/big/taskwright/sandbox")
    );
    assert_eq!(
        default_cache(Some(Path::new("odd")), home),
        Path::new("/home/ada/.cache/taskwright/sandbox")
    );
}

#[test]
fn errors_say_what_to_do() {
    let no_go = ToolsError::NoGo {
        wanted: "1.26.5".into(),
    }
    .to_string();
    assert!(
        no_go.contains("no `go` on PATH") && no_go.contains("Go 1.26.5 or newer"),
        "{no_go}"
    );
    let full = ToolsError::DiskFull {
        path: "/c".into(),
        tools: 2,
        needed: 700 << 20,
        free: 5 << 20,
    }
    .to_string();
    assert!(
        full.contains("needs about 700 MiB under /c, and 5 MiB are free"),
        "{full}"
    );
}

#[tokio::test]
async fn builds_once_and_never_believes_a_partial_file() {
    let cache = tempfile::tempdir().unwrap();
    let toolchain = Toolchain::locate(cache.path()).await.unwrap();
    let binary = toolchain.path(Tool::Pause);
    let partial = cache.path().join("tools/.partial/pause.1");
    std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
    std::fs::write(&partial, "half").unwrap();

    let first = events(cache.path()).await;
    assert!(
        matches!(first[0], ToolEvent::Building { done: 0, of: 1, .. }),
        "{first:?}"
    );
    assert!(
        matches!(first.last(), Some(ToolEvent::Built { n: 1, of: 1, .. })),
        "{first:?}"
    );
    let mode = std::fs::metadata(&binary).unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0o111);
    assert_eq!(
        events(cache.path()).await,
        [ToolEvent::Cached { tool: Tool::Pause }]
    );

    let whole = std::fs::read(&binary).unwrap();
    std::fs::write(&binary, &whole[..whole.len() / 2]).unwrap();
    let again = events(cache.path()).await;
    assert_eq!(again.first(), Some(&ToolEvent::Broken { tool: Tool::Pause }));
    assert_eq!(std::fs::read(&binary).unwrap(), whole);
}

async fn events(cache: &Path) -> Vec<ToolEvent> {
    let seen = std::sync::Mutex::new(Vec::new());
    Toolchain::ensure(cache, &[Tool::Pause], &|event| seen.lock().unwrap().push(event))
        .await
        .unwrap();
    seen.into_inner().unwrap()
}
