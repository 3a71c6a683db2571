//! What a task is made of, as far as it is written: steps, checks and solutions with their lines.
//!
//! Taken from the values as they stand, so that an error in one part hides no other.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::assemble::BOOT_BUDGET;
use crate::context::TASK_FILE;
use crate::duration;
use crate::files::{BundleFiles, Entry};
use crate::model::Role;
use crate::report::Report;
use crate::text::TextFile;
use crate::yaml::{self, Node};

/// A task in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// How hard it is, as written.
    pub difficulty: Option<String>,
    /// How long the candidate has.
    pub time_limit: Option<Duration>,
    /// How long a boot may take.
    pub boot_budget: Duration,
    /// Dependencies, then init steps.
    pub steps: Vec<Step>,
    /// What grades the work.
    pub checks: Vec<Check>,
    /// What solves it, rightly and wrongly.
    pub solutions: Vec<Solution>,
}

/// A dependency or an init step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Which of the two it is.
    pub kind: StepKind,
    /// What a dependency is to the task, if it says so.
    pub role: Option<Role>,
    /// What it is made of, in words.
    pub source: String,
    /// The steps that have to be ready before it.
    pub needs: Vec<(StepKind, String)>,
    /// When it counts as ready, in words.
    pub gates: Vec<String>,
    /// The line of its name.
    pub line: u32,
}

/// The two kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Runs in the cluster.
    Dependency,
    /// A script.
    Init,
}

/// What grades one aspect of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// What it looks at.
    pub title: String,
    /// What it is worth.
    pub points: u32,
    /// The line of its name.
    pub line: u32,
}

/// What solves the task, or fails to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Its name.
    pub name: String,
    /// The checks it has to fail.
    pub must_fail: Vec<String>,
    /// The line of its name.
    pub line: u32,
}

/// The outline of the task in these files; nothing while task.yaml is not there or no YAML.
pub fn outline(files: &BundleFiles) -> Option<Outline> {
    let Ok((path, Entry::File(file))) = files.follow(TASK_FILE) else {
        return None;
    };
    let mut unheard = Report::default();
    let text = TextFile::decode(path, &file.content, yaml::HAND_WRITTEN.bytes, &mut unheard)?;
    let root = yaml::parse_one(&text, yaml::HAND_WRITTEN, &mut unheard)?;
    root.entries()?;
    Some(of(&root))
}

fn of(root: &Node) -> Outline {
    let spec = root.get("spec");
    let budget = spec
        .and_then(|spec| spec.get("environment"))
        .and_then(|part| time(part, "bootBudget"));
    Outline {
        name: root.get("metadata").and_then(|metadata| text(metadata, "name")),
        title: spec.and_then(|spec| text(spec, "title")),
        difficulty: spec.and_then(|spec| text(spec, "difficulty")),
        time_limit: spec.and_then(|spec| time(spec, "timeLimit")),
        boot_budget: budget.unwrap_or(BOOT_BUDGET),
        steps: steps(spec),
        checks: named(spec, "checks").iter().map(check).collect(),
        solutions: named(spec, "solutions").iter().map(solution).collect(),
    }
}

/// A part of a list that has a name.
struct Named<'a> {
    name: &'a str,
    part: &'a Node,
    line: u32,
}

/// The parts of a section that have names, the first of each name.
fn named<'a>(spec: Option<&'a Node>, section: &str) -> Vec<Named<'a>> {
    let items = spec
        .and_then(|spec| spec.get(section))
        .and_then(Node::items)
        .unwrap_or_default();
    let mut seen = HashSet::new();
    let with_name = items.iter().filter_map(|part| {
        let node = part.get("name")?;
        let name = node.text().filter(|name| !name.is_empty())?;
        seen.insert(name).then_some(Named {
            name,
            part,
            line: node.marks.start.line,
        })
    });
    with_name.collect()
}

fn steps(spec: Option<&Node>) -> Vec<Step> {
    let (dependencies, init) = (named(spec, "dependencies"), named(spec, "init"));
    let scripts = init.iter().map(|one| (one.name, StepKind::Init));
    let others = dependencies.iter().map(|one| (one.name, StepKind::Dependency));
    let kinds: HashMap<&str, StepKind> = scripts.chain(others).collect();
    let needs = |part: &Node| -> Vec<(StepKind, String)> {
        let needs = texts(part, "needs").into_iter();
        needs
            .filter_map(|need| Some((*kinds.get(need.as_str())?, need)))
            .collect()
    };
    let of_dependencies = dependencies.iter().map(|one| dependency(one, needs(one.part)));
    let mut steps: Vec<Step> = of_dependencies.collect();
    let mut before: Option<&str> = None;
    for one in &init {
        // A script that says nothing runs after the one before it.
        let needs = match one.part.get("needs") {
            Some(written) if !written.is_null() => needs(one.part),
            _ => before
                .map(|name| (StepKind::Init, name.to_owned()))
                .into_iter()
                .collect(),
        };
        steps.push(script(one, needs));
        before = Some(one.name);
    }
    steps
}

fn dependency(one: &Named<'_>, needs: Vec<(StepKind, String)>) -> Step {
    let role = match text(one.part, "role").as_deref() {
        Some("controller") => Some(Role::Controller),
        Some("service") => Some(Role::Service),
        _ => text(one.part, "preset").map(|_| Role::Controller),
    };
    let gates = one.part.get("ready").and_then(Node::items).unwrap_or_default();
    Step {
        name: one.name.to_owned(),
        kind: StepKind::Dependency,
        role,
        source: source(one.part),
        needs,
        gates: gates.iter().filter_map(|gate| gate_in_words(gate)).collect(),
        line: one.line,
    }
}

fn script(one: &Named<'_>, needs: Vec<(StepKind, String)>) -> Step {
    Step {
        name: one.name.to_owned(),
        kind: StepKind::Init,
        role: None,
        source: format!("run {}", text(one.part, "run").unwrap_or_default())
            .trim_end()
            .to_owned(),
        needs,
        gates: Vec::new(),
        line: one.line,
    }
}

fn source(part: &Node) -> String {
    if let Some(helm) = part.get("helm") {
        format!("helm {}", text(helm, "chart").unwrap_or_default())
            .trim_end()
            .to_owned()
    } else if let Some(path) = text(part, "kustomize") {
        format!("kustomize {path}")
    } else if let Some(preset) = text(part, "preset") {
        format!("preset {preset}")
    } else if part.get("manifests").is_some() {
        format!("manifests {}", texts(part, "manifests").join(", "))
            .trim_end()
            .to_owned()
    } else {
        "nothing to apply yet".to_owned()
    }
}

/// `rollout statefulset/orders`; where it is and how long it may take is left out.
fn gate_in_words(gate: &Node) -> Option<String> {
    let said = |key: &Node, value: &Node| {
        let key = key
            .text()
            .filter(|key| !matches!(*key, "namespace" | "timeout"))?;
        Some(format!("{key} {}", value.text()?))
    };
    let words: Vec<String> = gate
        .entries()?
        .iter()
        .filter_map(|(key, value)| said(key, value))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn check(one: &Named<'_>) -> Check {
    Check {
        name: one.name.to_owned(),
        title: text(one.part, "title").unwrap_or_default(),
        points: text(one.part, "points")
            .and_then(|points| points.parse().ok())
            .unwrap_or(1),
        line: one.line,
    }
}

fn solution(one: &Named<'_>) -> Solution {
    Solution {
        name: one.name.to_owned(),
        must_fail: texts(one.part, "mustFail"),
        line: one.line,
    }
}

fn text(part: &Node, key: &str) -> Option<String> {
    let node = part.get(key).filter(|node| !node.is_null())?;
    node.text().map(str::to_owned)
}

fn texts(part: &Node, key: &str) -> Vec<String> {
    let items = part.get(key).and_then(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.text())
        .map(str::to_owned)
        .collect()
}

fn time(part: &Node, key: &str) -> Option<Duration> {
    duration::parse(&text(part, key)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::BundlePath;

    fn outline_of(task: &str) -> Option<Outline> {
        let mut files = BundleFiles::new();
        files.insert_file(BundlePath::new(TASK_FILE).unwrap(), task.as_bytes());
        outline(&files)
    }

    #[test]
    fn what_is_there_is_shown_whatever_is_wrong_with_it() {
        let outline = outline_of(
            "metadata: {name: Not A Name}
spec:
  title: The orders are gone
  difficulty: quite hard
  timeLimit: 30m
  dependencies:
  - name: orders-db
    role: service
    manifests: [a.yaml, b/*.yaml]
    needs: [gone, seed]
    ready: [{rollout: statefulset/orders, namespace: shop, timeout: 2m}, {condition: Ready, of: certificate/web}]
  - name: chart
    role: nonsense
    helm: {chart: dependencies/app}
  - role: service
  init:
  - {name: seed, run: init/seed.sh, needs: [orders-db]}
  - {name: then, run: init/then.sh}
  - {name: then, run: init/again.sh}
  - {name: alone, needs: []}
  checks:
  - {name: a, title: A, points: 4}
  - {name: b, points: many}
  solutions:
  - {name: wrong, mustFail: [a, b]}
  surprise: 1
",
        )
        .unwrap();
        let steps: Vec<String> = outline
            .steps
            .iter()
            .map(|step| {
                let needs: Vec<&str> = step.needs.iter().map(|(_, name)| name.as_str()).collect();
                let role = step.role.map_or("-".to_owned(), |role| format!("{role:?}"));
                format!(
                    "{} {:?} {role} [{}] {:?} {:?}",
                    step.line, step.kind, step.source, needs, step.gates
                )
            })
            .collect();
        assert_eq!(
            steps,
            [
                "7 Dependency Service [manifests a.yaml, b/*.yaml] [\"seed\"] [\"rollout statefulset/orders\", \"condition Ready of certificate/web\"]",
                "12 Dependency - [helm dependencies/app] [] []",
                "17 Init - [run init/seed.sh] [\"orders-db\"] []",
                "18 Init - [run init/then.sh] [\"seed\"] []",
                "20 Init - [run] [] []",
            ]
        );
        assert_eq!(outline.difficulty.as_deref(), Some("quite hard"));
        assert_eq!(outline.time_limit, Some(Duration::from_mins(30)));
        assert_eq!(outline.boot_budget, BOOT_BUDGET);
        let points: Vec<_> = outline
            .checks
            .iter()
            .map(|check| (check.points, check.line))
            .collect();
        assert_eq!(points, [(4, 22), (1, 23)]);
        assert_eq!(outline.solutions[0].must_fail, ["a", "b"]);
    }

    #[test]
    fn there_is_none_only_without_yaml() {
        assert_eq!(outline_of("spec: {title: [}"), None);
        assert_eq!(outline_of("- a"), None);
        assert!(outline_of("kind: Task").is_some());
        assert!(outline_of("spec: [not, a, mapping]").is_some());
    }
}
