//! Completions and explanations in texts that are half written. The cursor is at `¦`.

use bundle::assist::{complete, hover};
use bundle::{BundleFiles, BundlePath};

fn files() -> BundleFiles {
    let paths = [
        "task.yaml",
        "statement.md",
        "dependencies/orders/a.yaml",
        "dependencies/orders/b.yaml",
        "dependencies/app/Chart.yaml",
        "dependencies/app/values.yaml",
        "dependencies/cert.tgz",
        "dependencies/kube/kustomization.yaml",
        "init/seed.sh",
        "checks/one.sh",
        "checks/want.yaml",
        "solutions/reference.sh",
        "tty/home/notes.txt",
    ];
    let mut files = BundleFiles::new();
    for path in paths {
        files.insert_file(BundlePath::new(path).expect("a path"), *b"");
    }
    files
}

/// The text without its cursor, and where that was.
fn cursor(text: &str) -> (String, usize) {
    let at = text.find('¦').expect("a cursor");
    (text.replace('¦', ""), at)
}

/// What is offered, as it would be written; nothing at all is an empty list.
fn offered(path: &str, text: &str) -> Vec<String> {
    let (text, at) = cursor(text);
    let found = complete(&files(), path, &text, at);
    found
        .map(|found| found.items.into_iter().map(|item| item.insert).collect())
        .unwrap_or_default()
}

/// The text after the offer of this name was taken.
fn taken(path: &str, text: &str, label: &str) -> String {
    let (text, at) = cursor(text);
    let found = complete(&files(), path, &text, at).unwrap_or_else(|| panic!("nothing is offered in {text}"));
    let item = found.items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("{label} is not offered in {text}: {:?}", found.items));
    format!(
        "{}{}{}",
        &text[..found.range.start],
        item.insert,
        &text[found.range.end..]
    )
}

const STEPS: &str = "spec:
  dependencies:
  - name: orders-db
    manifests: [dependencies/orders/a.yaml]
  - {name: queue, helm: {chart: dependencies/app}}
  init:
  - name: seed
    run: init/seed.sh
  checks:
  - name: is-ready
  - name: is-back
";

#[test]
fn keys_that_are_not_there_yet_are_offered() {
    let cases: [(&str, &[&str]); 12] = [
        (
            "¦",
            &[
                "apiVersion: taskwright.dev/v1alpha1",
                "kind: Task",
                "metadata:\n  name: ",
                "spec:\n  difficulty: ",
            ],
        ),
        (
            "kind: Task\nm¦",
            &[
                "apiVersion: taskwright.dev/v1alpha1",
                "metadata:\n  name: ",
                "spec:\n  difficulty: ",
            ],
        ),
        ("metadata:\n  ¦", &["name: ", "labels:\n    "]),
        ("metadata:\n  na¦\n  labels: {a: b}\nspec:\n", &["name: "]),
        ("metadata: {name: a, ¦}", &["labels: "]),
        ("metadata:\n  na¦: x\n", &["name", "labels"]),
        (
            "spec:\n  environment:\n    resources: {cpu: 1, ¦",
            &["memory: ", "pods: ", "storage: "],
        ),
        (
            "spec:\n  environment:\n    egress:\n      ¦\n    podSecurity: baseline",
            &["allow:\n      - "],
        ),
        (
            "spec:\n  init:\n  - name: a\n    run: b\n    ¦\n  checks: []",
            &[
                "env:\n      ",
                "image: ",
                "needs:\n    - ",
                "retries: ",
                "target: ",
                "timeout: ",
            ],
        ),
        (
            "spec:\n  solutions:\n  - ¦",
            &["name: ", "run: ", "mustFail:\n    - "],
        ),
        (
            "spec:\n  solutions:\n  - na¦",
            &["name: ", "run: ", "mustFail:\n    - "],
        ),
        (
            "spec:\n  solutions:\n    - run: x\n      ¦",
            &["name: ", "mustFail:\n        - "],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(offered("task.yaml", text), expected, "{text}");
    }
}

#[test]
fn one_of_several_keys_is_offered_only_once() {
    let offers = offered(
        "task.yaml",
        "spec:\n  checks:\n  - name: a\n    title: t\n    run: checks/one.sh\n    ¦",
    );
    assert_eq!(
        offers,
        [
            "contains: ",
            "expectInitially: ",
            "failureMessage: ",
            "needs:\n    - ",
            "objects:\n    - as: ",
            "points: ",
            "retries: ",
            "status: ",
            "timeout: "
        ]
    );
    let offers = offered(
        "task.yaml",
        "spec:\n  dependencies:\n  - name: a\n    ready:\n    - ¦",
    );
    assert!(
        offers.contains(&"rollout: ".to_owned()) && offers.contains(&"crd: ".to_owned()),
        "{offers:?}"
    );
}

#[test]
fn values_are_offered() {
    let cases: [(&str, &[&str]); 12] = [
        (
            "spec:\n  difficulty: ¦",
            &["beginner", "intermediate", "advanced", "expert"],
        ),
        (
            "spec:\n  difficulty: ex¦\n  title: x",
            &["beginner", "intermediate", "advanced", "expert"],
        ),
        (
            "spec: {difficulty: ¦, title: x}",
            &["beginner", "intermediate", "advanced", "expert"],
        ),
        (
            "spec:\n  environment:\n    isolation: ¦",
            &["vcluster", "namespace"],
        ),
        ("spec:\n  environment:\n    kubernetesVersion: ¦", &["\"1.36\""]),
        ("spec:\n  environment:\n    kubernetesVersion: \"¦\"", &["1.36"]),
        ("spec:\n  environment:\n    bootBudget: ¦", &["5m"]),
        ("spec:\n  tty:\n    shell: /bin/¦", &["/bin/bash"]),
        ("kind: ¦", &["Task"]),
        ("spec:\n  title: ¦", &[]),
        ("spec:\n  title: text\n    ¦", &[]),
        ("spec:\n  # ¦", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(offered("task.yaml", text), expected, "{text}");
    }
}

#[test]
fn names_of_other_parts_are_offered() {
    let cases: [(&str, &[&str]); 6] = [
        ("  - name: then\n    needs: [¦]", &["orders-db", "queue", "seed"]),
        ("  - name: then\n    needs: [seed, or¦]", &["orders-db", "queue"]),
        (
            "  - name: then\n    needs:\n    - seed\n    - ¦",
            &["orders-db", "queue"],
        ),
        (
            "  - name: then\n    needs:\n      ¦",
            &["- orders-db", "- queue", "- seed"],
        ),
        (
            "  - name: then\n    needs: ¦",
            &["[orders-db]", "[queue]", "[seed]"],
        ),
        ("  - {name: then, needs: [¦", &["orders-db", "queue", "seed"]),
    ];
    for (init, expected) in cases {
        let text = STEPS.replace("  checks:\n", &format!("{init}\n  checks:\n"));
        assert_eq!(offered("task.yaml", &text), expected, "{init}");
    }
    let beside = STEPS.replace(
        "  checks:\n",
        "  - name: then\n    needs:\n    - seed\n    ¦\n  checks:\n",
    );
    let offers = offered("task.yaml", &beside);
    assert_eq!(
        offers[..3],
        ["- orders-db", "- queue", "run: "],
        "items at the column of their key, then keys"
    );
    let own = STEPS.replace("  - name: seed\n", "  - name: seed\n    needs: [¦]\n");
    assert_eq!(
        offered("task.yaml", &own),
        ["orders-db", "queue"],
        "nothing needs itself"
    );
    let solutions = format!("{STEPS}  solutions:\n  - name: wrong\n    mustFail: [is-back, ¦]\n");
    assert_eq!(offered("task.yaml", &solutions), ["is-ready"]);
}

#[test]
fn files_of_the_right_kind_are_offered() {
    let part = |section: &str, line: &str| {
        offered(
            "task.yaml",
            &format!("spec:\n  {section}:\n  - name: a\n    {line}\n"),
        )
    };
    let manifests = [
        "dependencies/app/*.yaml",
        "dependencies/orders/*.yaml",
        "dependencies/app/Chart.yaml",
        "dependencies/app/values.yaml",
        "dependencies/kube/kustomization.yaml",
        "dependencies/orders/a.yaml",
        "dependencies/orders/b.yaml",
    ];
    assert_eq!(part("dependencies", "manifests: [dependencies/¦]"), manifests);
    assert_eq!(
        part("dependencies", "helm: {chart: ¦}"),
        ["dependencies/app", "dependencies/cert.tgz"]
    );
    assert_eq!(part("dependencies", "kustomize: ¦"), ["dependencies/kube"]);
    assert_eq!(part("init", "run: ¦"), ["init/seed.sh"]);
    assert_eq!(part("checks", "run: ch¦"), ["checks/one.sh"]);
    assert_eq!(part("checks", "assert: ¦"), ["checks/want.yaml"]);
    assert_eq!(part("solutions", "run: ¦"), ["solutions/reference.sh"]);
}

#[test]
fn what_is_taken_stands_where_it_belongs() {
    let cases = [
        ("spec:\n  che¦\n", "checks", "spec:\n  checks:\n  - name: \n"),
        (
            "spec:\n  init:\n    - name: a\n  che¦\n",
            "checks",
            "spec:\n  init:\n    - name: a\n  checks:\n    - name: \n",
        ),
        ("spec:\n  checks:\n  ¦", "- name", "spec:\n  checks:\n  - name: "),
        (
            "spec:\n  checks:\n    ¦",
            "- name",
            "spec:\n  checks:\n    - name: ",
        ),
        (
            "spec:\n  dependencies:\n  - he¦",
            "helm",
            "spec:\n  dependencies:\n  - helm:\n      chart: ",
        ),
        (
            "spec:\n  dependencies:\n  - name: a\n    he¦",
            "helm",
            "spec:\n  dependencies:\n  - name: a\n    helm:\n      chart: ",
        ),
        (
            "spec: {dependencies: [{he¦}]}",
            "helm",
            "spec: {dependencies: [{helm: }]}",
        ),
        (
            "spec:\n  diff¦iculty: expert",
            "difficulty",
            "spec:\n  difficulty: expert",
        ),
        (
            "spec:\n  difficulty: ex¦pert",
            "beginner",
            "spec:\n  difficulty: beginner",
        ),
        (
            "metadata:\n  labels: {ü: ö}\n  na¦",
            "name",
            "metadata:\n  labels: {ü: ö}\n  name: ",
        ),
    ];
    for (text, label, expected) in cases {
        assert_eq!(taken("task.yaml", text, label), expected, "{text}");
    }
}

#[test]
fn values_of_the_chart_are_offered_without_those_of_the_platform() {
    let offers = offered("vcluster.yaml", "¦");
    assert!(
        offers.iter().any(|offer| offer.starts_with("controlPlane:\n  ")),
        "{offers:?}"
    );
    assert!(
        !offers
            .iter()
            .any(|offer| offer.starts_with("telemetry") || offer.starts_with("exportKubeConfig"))
    );
    assert_eq!(
        offered("vcluster.yaml", "controlPlane:\n  coredns:\n    enabled: ¦"),
        ["true", "false"]
    );
    let offers = offered("vcluster.yaml", "controlPlane:\n  coredns:\n    ¦");
    assert!(offers.iter().any(|offer| offer == "enabled: "), "{offers:?}");
    assert!(
        !offers.iter().any(|offer| offer.starts_with("embedded")),
        "{offers:?}"
    );
}

#[test]
fn other_files_have_no_grammar() {
    assert_eq!(offered("dependencies/orders/a.yaml", "kind: ¦"), [] as [&str; 0]);
    assert_eq!(hover("statement.md", "kind: Task", 1), None);
}

#[test]
fn explanations_say_what_it_is_and_what_for() {
    let cases = [
        (
            "spec:\n  diffi¦culty: expert",
            "difficulty",
            "**difficulty** · beginner, intermediate, advanced, expert, required\n\nHow hard it is.",
        ),
        (
            "spec:\n  environment:\n    resources: {pods: 1¦2}",
            "12",
            "**pods** · whole number from 1 to 1000\n\nHow many pods. Default: 30.",
        ),
        (
            "spec:\n  init:\n  - name: a\n    needs: [b, ¦c]\n    half",
            "c",
            "**needs** · list of names\n\nDependencies and init steps that have to be ready before it. Default: the init step before it.",
        ),
        (
            "metadata:\n  ¦labels:\n    a: b",
            "labels",
            "**labels** · mapping\n\nWhat the task is filed under.",
        ),
        (
            "spec:\n  environment:\n    ¦bootBudget: 5m",
            "bootBudget",
            "**bootBudget** · duration\n\nHow long a boot may take. Default: 5m.",
        ),
    ];
    for (text, range, markdown) in cases {
        let (text, at) = cursor(text);
        let found = hover("task.yaml", &text, at).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (&text[found.range], found.markdown.as_str()),
            (range, markdown),
            "{text}"
        );
    }
    for nothing in ["spec:¦\n", "# ¦comment", "¦\nspec:\n", "spec:\n  unknown¦: 1"] {
        let (text, at) = cursor(nothing);
        assert_eq!(hover("task.yaml", &text, at), None, "{nothing}");
    }
}

#[test]
fn help_never_fails_wherever_the_cursor_is() {
    let texts = [
        STEPS,
        "a: [\"ü\n  {b: - c}\n- |\n  d:\n\te: 'f",
        "\u{feff}spec: {a",
        "spec:\r\n  init:\r\n  - name: a\r\n    ",
    ];
    for text in texts {
        for at in 0..=text.len() + 2 {
            let _ = complete(&files(), "task.yaml", text, at);
            let _ = hover("task.yaml", text, at);
            let cut = text.get(..at).unwrap_or(text);
            let _ = complete(&files(), "task.yaml", cut, cut.len());
        }
    }
}

#[test]
fn long_tasks_are_answered_at_once() {
    let step = |number| {
        format!("  - name: step-{number}\n    manifests: [dependencies/orders/a.yaml]\n    needs: [step-0]\n")
    };
    let steps: String = (0..1_500).map(step).collect();
    let text = format!("spec:\n  dependencies:\n{steps}  - name: last\n    needs: []\n");
    let at = text.len() - 2;
    let started = std::time::Instant::now();
    let found = complete(&files(), "task.yaml", &text, at).unwrap();
    let _ = hover("task.yaml", &text, at - 6);
    assert_eq!(found.items.len(), 1_500);
    assert!(
        text.len() > 100_000 && started.elapsed().as_millis() < 1_500,
        "{:?}",
        started.elapsed()
    );
}
