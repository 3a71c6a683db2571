//! How events of both clusters are joined.

use serde_json::{Value, json};

use super::*;

/// An event: its side, its name, what it is about, the second it was last seen, how often.
fn event(namespace: &str, name: &str, about: &str, second: u32, count: i64) -> Value {
    json!({
        "metadata": {"namespace": namespace, "name": name},
        "involvedObject": {"kind": "Pod", "namespace": namespace, "name": about},
        "type": "Warning", "reason": "BackOff", "message": "back-off", "count": count,
        "lastTimestamp": format!("2026-01-01T00:00:{second:02}Z"),
    })
}

fn of_task(name: &str, second: u32, count: i64) -> (Source, Watched<Value>) {
    let about = name.split('.').next().unwrap_or_default();
    (
        Source::TaskEvents,
        Watched::Applied(event("shop", name, about, second, count)),
    )
}

fn of_host(name: &str, second: u32, count: i64) -> (Source, Watched<Value>) {
    let about = name.split('.').next().unwrap_or_default();
    (
        Source::HostEvents,
        Watched::Applied(event("task-x", name, about, second, count)),
    )
}

fn gone((source, change): (Source, Watched<Value>)) -> (Source, Watched<Value>) {
    match change {
        Watched::Applied(object) => (source, Watched::Deleted(json!({"metadata": object["metadata"]}))),
        other => (source, other),
    }
}

fn carrier(source: Source, name: &str, of: &str) -> (Source, Watched<Value>) {
    let annotations =
        json!({"vcluster.loft.sh/object-name": of, "vcluster.loft.sh/object-namespace": "shop"});
    let metadata = json!({"namespace": "task-x", "name": name, "annotations": annotations});
    (source, Watched::Applied(json!({"metadata": metadata})))
}

fn told(rows: &[EventRow]) -> Vec<String> {
    let line = |row: &EventRow| {
        let from = format!("{:?}", row.from).to_lowercase();
        format!("{} {from} {} x{}", &row.at[17..19], row.object, row.count)
    };
    rows.iter().map(line).collect()
}

/// A journal that knows this much.
fn open(past: Vec<(Source, Watched<Value>)>) -> (Journal, Vec<String>) {
    let mut journal = Journal::default();
    for (source, change) in past {
        assert_eq!(
            journal.take(source, change),
            [],
            "nothing is told before all is known"
        );
    }
    let rows: Vec<EventRow> = Source::ALL
        .into_iter()
        .flat_map(|source| journal.take(source, Watched::Synced))
        .collect();
    (journal, told(&rows))
}

fn take(journal: &mut Journal, (source, change): (Source, Watched<Value>)) -> Vec<String> {
    told(&journal.take(source, change))
}

#[test]
fn the_past_is_told_in_its_order_with_copies_left_out() {
    let (_, rows) = open(vec![
        of_task("web.a1", 5, 2),
        of_task("web.b2", 3, 1),
        of_task("late.c3", 2, 1),
        of_host("web-x-shop.a1", 5, 2),
        of_host("late-x-shop.c3", 6, 4),
        of_host("control-plane-0.d4", 1, 1),
        carrier(Source::HostPods, "web-x-shop", "web"),
    ]);
    let expected = [
        "01 host task-x/control-plane-0 x1",
        "03 task shop/web x1",
        "05 host shop/web x2",
        "06 host task-x/late-x-shop x4",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn what_happens_is_told_once_whichever_side_is_first() {
    let (mut journal, _) = open(vec![carrier(Source::HostPods, "web-x-shop", "web")]);
    assert_eq!(
        take(&mut journal, of_host("web-x-shop.a1", 5, 1)),
        ["05 host shop/web x1"]
    );
    assert!(take(&mut journal, of_task("web.a1", 5, 1)).is_empty(), "the copy");
    assert_eq!(
        take(&mut journal, of_task("web.b2", 6, 1)),
        ["06 task shop/web x1"]
    );
    assert!(
        take(&mut journal, of_host("web-x-shop.b2", 6, 1)).is_empty(),
        "its copy was first"
    );
    assert_eq!(
        take(&mut journal, of_host("web-x-shop.a1", 7, 2)),
        ["07 host shop/web x2"]
    );
    assert!(take(&mut journal, of_task("web.a1", 5, 1)).is_empty());
    assert!(take(&mut journal, of_task("web.a1", 7, 2)).is_empty());
}

#[test]
fn a_watch_that_begins_again_tells_only_what_is_new() {
    let (mut journal, _) = open(vec![of_task("web.a1", 5, 1), of_host("web-x-shop.b2", 6, 1)]);
    assert!(take(&mut journal, of_task("web.a1", 5, 1)).is_empty());
    assert!(take(&mut journal, of_host("web-x-shop.b2", 6, 1)).is_empty());
    assert_eq!(
        take(&mut journal, of_task("web.a1", 8, 2)),
        ["08 task shop/web x2"]
    );
    assert!(journal.take(Source::TaskEvents, Watched::Synced).is_empty());
}

#[test]
fn what_expired_is_forgotten_on_its_side_only() {
    let (mut journal, _) = open(vec![
        of_task("web.a1", 5, 1),
        of_host("web-x-shop.b2", 6, 1),
        of_task("web.b2", 6, 1),
    ]);
    take(&mut journal, gone(of_host("web-x-shop.b2", 6, 1)));
    assert!(
        take(&mut journal, of_task("web.b2", 6, 1)).is_empty(),
        "the copy that outlives it"
    );
    take(&mut journal, gone(of_task("web.a1", 5, 1)));
    assert_eq!(
        take(&mut journal, of_task("web.a1", 5, 1)),
        ["05 task shop/web x1"],
        "made anew"
    );
    assert_eq!(journal.task.marks.len(), 2);
    assert_eq!(journal.host.births.len(), 0);
}

#[test]
fn a_forged_copy_does_not_silence_the_host() {
    let (mut journal, _) = open(vec![of_host("web-x-shop.a1", 5, 1)]);
    assert_eq!(
        take(&mut journal, of_task("web.a1", 59, 999)),
        ["59 task shop/web x999"]
    );
    assert_eq!(
        take(&mut journal, of_host("web-x-shop.a1", 7, 2)),
        ["07 host task-x/web-x-shop x2"]
    );
}

#[test]
fn claims_and_pods_of_one_name_are_not_confused() {
    let (mut journal, _) = open(vec![carrier(Source::HostClaims, "data-x-shop", "data")]);
    assert_eq!(
        take(&mut journal, of_host("data-x-shop.a1", 5, 1)),
        ["05 host task-x/data-x-shop x1"]
    );
    let (source, Watched::Applied(mut claim)) = of_host("data-x-shop.b2", 6, 1) else {
        panic!()
    };
    claim["involvedObject"]["kind"] = "PersistentVolumeClaim".into();
    assert_eq!(
        take(&mut journal, (source, Watched::Applied(claim))),
        ["06 host shop/data x1"]
    );
}

#[test]
fn a_host_that_cannot_be_watched_does_not_hold_the_task_up() {
    let mut journal = Journal::default();
    let (source, change) = of_task("web.a1", 5, 1);
    journal.take(source, change);
    journal.take(Source::TaskEvents, Watched::Synced);
    let rows =
        [Source::HostEvents, Source::HostPods, Source::HostClaims].map(|source| journal.give_up(source));
    assert_eq!(told(&rows.concat()), ["05 task shop/web x1"]);
}

#[test]
fn of_a_long_past_the_newest_is_told() {
    let past = |index: u32| {
        let mut event = event("shop", &format!("web.{index:x}"), "web", 0, 1);
        event["lastTimestamp"] = Timestamp::from_second(i64::from(index))
            .unwrap()
            .to_string()
            .into();
        (Source::TaskEvents, Watched::Applied(event))
    };
    let (journal, rows) = open((0..10_000).map(past).collect());
    assert_eq!(rows.len(), PAST);
    assert_eq!(journal.task.marks.len(), 10_000, "none of them is told later");
    assert!(journal.past.is_empty());
}

#[test]
fn times_and_counts_stand_in_different_places() {
    let cases = [
        (
            json!({"series": {"lastObservedTime": "2026-01-01T00:00:09.5Z", "count": 3}, "eventTime": "2026-01-01T00:00:01Z"}),
            "2026-01-01T00:00:09.5Z",
            3,
        ),
        (
            json!({"eventTime": "2026-01-01T00:00:01.25Z", "lastTimestamp": null}),
            "2026-01-01T00:00:01.25Z",
            1,
        ),
        (
            json!({"firstTimestamp": "2026-01-01T00:00:02Z", "count": 7}),
            "2026-01-01T00:00:02Z",
            7,
        ),
        (
            json!({"metadata": {"creationTimestamp": "2026-01-01T00:00:03Z"}, "count": -4}),
            "2026-01-01T00:00:03Z",
            1,
        ),
        (
            json!({"lastTimestamp": "yesterday", "count": "many"}),
            "1970-01-01T00:00:00Z",
            1,
        ),
    ];
    for (event, at, count) in &cases {
        let brief = Brief::of(event);
        assert_eq!(
            (brief.at.to_string().as_str(), brief.count),
            (*at, *count),
            "{event}"
        );
    }
}

#[test]
fn a_row_has_the_shape_that_the_window_expects_and_bounds() {
    let mut odd = event("shop", "web.a1", "web", 5, 1);
    odd["message"] = "ü".repeat(100_000).into();
    let row = EventRow::new(&Brief::of(&odd), "shop/web", Origin::Task);
    let mut sent = serde_json::to_value(row).unwrap();
    assert_eq!(sent["message"].as_str().unwrap().chars().count(), 2_001);
    sent["message"] = "cut".into();
    let expected = json!({"id": "task/shop/web.a1", "at": "2026-01-01T00:00:05Z", "type": "Warning", "reason": "BackOff",
        "object": "shop/web", "message": "cut", "count": 1, "from": "task"});
    assert_eq!(sent, expected);
}
