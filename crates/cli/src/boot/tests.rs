//! The folds over hand-made logs: what people see of a boot that goes well, fails, or is stopped.

use api::boot::{BootEvent, Cause, Detail, Failure, Phase, Step, StepId, Stream, What};

use super::{Story, card, frame, line, summary};
use crate::screen::Size;
use crate::style::Paint;

const WIDE: Size = Size {
    rows: 24,
    columns: 100,
};
const NARROW: Size = Size {
    rows: 24,
    columns: 60,
};
const LOW: Size = Size {
    rows: 7,
    columns: 100,
};

fn phase(phase: Phase) -> StepId {
    StepId::Phase(phase)
}

fn orders_db() -> StepId {
    StepId::Dependency("orders-db".into())
}

fn seed() -> StepId {
    StepId::Init("seed".into())
}

fn steps() -> Vec<Step> {
    let control_plane = phase(Phase::ControlPlane);
    let step = |id: StepId, needs: &[StepId]| Step {
        id,
        needs: needs.to_vec(),
    };
    vec![
        step(phase(Phase::Preflight), &[]),
        step(phase(Phase::Nodes), &[phase(Phase::Preflight)]),
        step(control_plane.clone(), &[phase(Phase::Preflight)]),
        step(phase(Phase::Dns), std::slice::from_ref(&control_plane)),
        step(orders_db(), std::slice::from_ref(&control_plane)),
        step(phase(Phase::Tty), &[control_plane]),
        step(seed(), &[orders_db(), phase(Phase::Tty), phase(Phase::Dns)]),
    ]
}

/// A log with its times.
fn log(events: Vec<(u64, What)>) -> Vec<BootEvent> {
    events
        .into_iter()
        .map(|(at, what)| BootEvent { at, what })
        .collect()
}

/// A boot up to the moment when its vCluster is up.
fn control_plane_up() -> Vec<(u64, What)> {
    let control = phase(Phase::ControlPlane);
    vec![
        (
            0,
            What::Began {
                preview: "orders-x7k2p".into(),
                bundle: "orders".into(),
                title: "The orders are gone".into(),
                host: "taskwright-sandbox".into(),
                budget: 240_000,
            },
        ),
        (0, started(&phase(Phase::Preflight))),
        (2, doing(&phase(Phase::Preflight), Detail::ReadingHost)),
        (310, finished(&phase(Phase::Preflight))),
        (
            311,
            What::Planned {
                steps: steps(),
                notes: vec!["egress is not enforced on this host".into()],
            },
        ),
        (312, started(&phase(Phase::Nodes))),
        (313, finished(&phase(Phase::Nodes))),
        (314, started(&control)),
        (
            400,
            doing(
                &control,
                Detail::Pod {
                    pod: "orders-x7k2p-0".into(),
                    state: "ContainerCreating".into(),
                },
            ),
        ),
        (9_800, finished(&control)),
    ]
}

fn started(step: &StepId) -> What {
    What::Started { step: step.clone() }
}

fn finished(step: &StepId) -> What {
    What::Finished { step: step.clone() }
}

fn doing(step: &StepId, detail: Detail) -> What {
    What::Doing {
        step: step.clone(),
        detail,
    }
}

/// A boot up to the moment when its seed script runs.
fn running() -> Vec<(u64, What)> {
    let (dns, tty) = (phase(Phase::Dns), phase(Phase::Tty));
    let mut events = control_plane_up();
    events.extend([
        (9_810, started(&dns)),
        (9_810, started(&orders_db())),
        (9_811, started(&tty)),
        (
            9_900,
            doing(
                &orders_db(),
                Detail::Gate {
                    gate: "rollout statefulset/orders".into(),
                    reason: "0 of 1 replicas are ready".into(),
                },
            ),
        ),
        (11_000, finished(&tty)),
        (11_500, finished(&dns)),
        (13_000, finished(&orders_db())),
        (13_001, started(&seed())),
        (
            13_002,
            doing(
                &seed(),
                Detail::Script {
                    path: "init/seed.sh".into(),
                },
            ),
        ),
        (
            13_400,
            What::Output {
                step: seed(),
                stream: Stream::Stdout,
                line: "\x1b[32mINSERT 0 1000\x1b[0m".into(),
            },
        ),
    ]);
    events
}

fn ready() -> Vec<BootEvent> {
    let mut events = running();
    events.push((15_200, What::Finished { step: seed() }));
    events.push((15_210, What::Ready));
    log(events)
}

fn failed() -> Vec<BootEvent> {
    let evidence = (1..=14).map(|number| format!("psql: line {number}")).collect();
    let failure = Failure {
        cause: Cause::Script {
            path: "init/seed.sh".into(),
            code: 3,
        },
        evidence,
    };
    let mut events = running();
    events.push((
        15_200,
        What::Failed {
            step: seed(),
            failure,
        },
    ));
    events.push((15_210, What::Stopped));
    log(events)
}

fn story(events: &[BootEvent]) -> Story {
    let mut story = Story::default();
    for event in events {
        story.push(event);
    }
    story
}

/// Every picture must fit its window, whatever the moment.
fn picture(events: &[BootEvent], now: u64, size: Size) -> String {
    let lines = frame(&story(events), now, size, Paint::PLAIN);
    assert!(
        lines.len() < usize::from(size.rows),
        "{} lines in {} rows",
        lines.len(),
        size.rows
    );
    for line in &lines {
        assert!(
            crate::line::width(line) < usize::from(size.columns),
            "too wide: {line:?}"
        );
    }
    lines.join("\n")
}

#[test]
fn a_running_boot_shows_what_each_step_does_or_waits_for() {
    let events = log(running());
    insta::assert_snapshot!("running_early", picture(&events[..9], 4_000, WIDE));
    insta::assert_snapshot!("running_dependencies", picture(&events[..15], 12_000, WIDE));
    insta::assert_snapshot!("running_init", picture(&events, 14_000, WIDE));
}

#[test]
fn a_narrow_window_has_no_bars() {
    insta::assert_snapshot!(picture(&log(running()), 14_000, NARROW));
}

#[test]
fn a_low_window_counts_what_is_done_and_what_waits() {
    insta::assert_snapshot!(picture(&log(running())[..15], 12_000, LOW));
}

#[test]
fn every_moment_fits_every_window() {
    let events = ready();
    for rows in [1, 2, 3, 4, 6, 9, 24] {
        for columns in [1, 8, 20, 50, 71, 72, 73, 200] {
            for end in 0..=events.len() {
                let _ = picture(
                    &events[..end],
                    16_000,
                    Size {
                        rows: rows + 1,
                        columns: columns + 1,
                    },
                );
            }
        }
    }
}

#[test]
fn a_boot_ends_with_its_timeline_and_longest_chain() {
    insta::assert_snapshot!(
        "summary_wide",
        summary(&story(&ready()), 100, Paint::PLAIN).join("\n")
    );
    insta::assert_snapshot!(
        "summary_narrow",
        summary(&story(&ready()), 60, Paint::PLAIN).join("\n")
    );
}

#[test]
fn a_boot_over_its_budget_says_so() {
    let mut events = ready();
    if let What::Began { budget, .. } = &mut events[0].what {
        *budget = 10_000;
    }
    let lines = summary(&story(&events), 100, Paint::PLAIN);
    assert!(
        lines
            .iter()
            .any(|line| line.contains("15.2 s, over the budget of 10.0 s")),
        "{lines:#?}"
    );
}

#[test]
fn a_failed_boot_shows_the_cause_first_and_the_way_out() {
    let story = story(&failed());
    insta::assert_snapshot!("failed_card", card(&story, Paint::PLAIN).join("\n"));
    insta::assert_snapshot!("failed_summary", summary(&story, 100, Paint::PLAIN).join("\n"));
}

#[test]
fn a_failure_before_the_seat_points_to_the_host_and_counts_repetitions() {
    let control = phase(Phase::ControlPlane);
    let cause = Cause::NoRoom {
        pool: "control".into(),
    };
    let failure = Failure {
        cause,
        evidence: vec!["0/3 nodes are available".into(); 20],
    };
    let mut events = running()[..9].to_vec();
    events.push((
        60_000,
        What::Failed {
            step: control,
            failure,
        },
    ));
    events.push((60_001, What::Stopped));
    insta::assert_snapshot!(card(&story(&log(events)), Paint::PLAIN).join("\n"));
}

#[test]
fn without_a_terminal_a_boot_is_lines_with_times() {
    let mut told = Story::default();
    let mut lines = Vec::new();
    for event in failed() {
        lines.extend(line(&told, &event));
        told.push(&event);
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_detail_that_is_repeated_is_told_once() {
    let mut told = Story::default();
    let step = phase(Phase::Dns);
    let again = BootEvent {
        at: 5,
        what: What::Doing {
            step,
            detail: Detail::Api {
                reason: "not yet".into(),
            },
        },
    };
    assert!(line(&told, &again).is_some());
    told.push(&again);
    assert_eq!(line(&told, &again), None);
}

#[test]
fn a_cancelled_boot_keeps_what_it_knows() {
    let mut events = running();
    events.push((14_000, What::Cancelled));
    insta::assert_snapshot!(summary(&story(&log(events)), 100, Paint::PLAIN).join("\n"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let story = story(&failed());
    let painted = summary(&story, 100, Paint::COLOURED).join("\n");
    assert!(painted.contains('\x1b'), "there is colour");
    let stripped: Vec<String> = painted
        .lines()
        .map(|line| crate::line::clean(line).trim_end().to_owned())
        .collect();
    assert_eq!(stripped, summary(&story, 100, Paint::PLAIN));
}
