//! The client against servers that are no good: redirects, answers of something else, pauses that are asked for.

use std::time::Duration;

use export::platform::{Address, AddressError, Error, Event, Plain};

use crate::kit::{ADA, bundle, file, send, waits};
use crate::line::{Canned, SelfSigned, answer};

fn pauses(events: &[Event]) -> Vec<Duration> {
    let pauses = events.iter().filter_map(|event| match event {
        Event::Waiting { pause, .. } => Some(*pause),
        _ => None,
    });
    pauses.collect()
}

#[tokio::test]
async fn a_token_follows_no_redirect() {
    let bundle = file(&bundle(1000, 1));
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let elsewhere = Canned::new(&[&answer("200 OK", "", "{}")]).await;
        let location = format!("Location: {}/v1/uploads\r\n", elsewhere.address);
        let platform = Canned::new(&[&answer(status, &location, "")]).await;
        let (refused, events) = send(&platform.address, bundle.path(), ADA).await;
        let Err(Error::Redirected(to)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(to, format!("{}/v1/uploads", elsewhere.address));
        assert_eq!((elsewhere.asked(), waits(&events)), (0, 0), "{status}");
    }
}

#[tokio::test]
async fn pauses_that_are_asked_for_are_kept() {
    let bundle = file(&bundle(1000, 2));
    let refusal = answer("403 Forbidden", "", r#"{"title":"Not you"}"#);
    let busy = answer("503 Service Unavailable", "Retry-After: 1\r\n", "");
    let platform = Canned::new(&[&busy, &refusal]).await;
    let (refused, events) = send(&platform.address, bundle.path(), ADA).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the platform refuses: Not you (403)"
    );
    assert!(
        matches!(pauses(&events)[..], [pause] if pause >= Duration::from_secs(1)),
        "{events:?}"
    );

    let forever = answer("429 Too Many Requests", "Retry-After: 86400\r\n", "");
    let platform = Canned::new(&[&forever]).await;
    let (refused, _) = send(&platform.address, bundle.path(), ADA).await;
    assert!(matches!(refused, Err(Error::AskedToWait(pause)) if pause.as_secs() == 86400));
}

#[tokio::test]
async fn only_what_may_pass_is_tried_again() {
    let bundle = file(&bundle(1000, 3));
    for (status, tries) in [
        ("400 Bad Request", 1),
        ("401 Unauthorized", 1),
        ("404 Not Found", 1),
        ("413 Payload Too Large", 1),
        ("501 Not Implemented", 1),
        ("507 Insufficient Storage", 1),
        ("500 Internal Server Error", 2),
        ("502 Bad Gateway", 2),
        ("408 Request Timeout", 2),
    ] {
        let platform =
            Canned::new(&[&answer(status, "", "<html>"), &answer("400 Bad Request", "", "")]).await;
        let (refused, events) = send(&platform.address, bundle.path(), ADA).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{status}: {refused:?}");
        assert_eq!((platform.asked(), waits(&events)), (tries, tries - 1), "{status}");
    }
}

#[tokio::test]
async fn something_else_is_no_platform() {
    let bundle = file(&bundle(1000, 4));
    for body in [
        "<html>",
        "{}",
        r#"{"id":"a","offset":-1,"state":"open","maxChunk":1}"#,
        r#"{"id":"a","offset":99999999,"state":"open","maxChunk":1}"#,
        r#"{"id":"../tasks","offset":0,"state":"open","maxChunk":1}"#,
        r#"{"id":"a","offset":0,"state":"lost","maxChunk":1}"#,
    ] {
        let platform = Canned::new(&[&answer("200 OK", "", body)]).await;
        let (refused, _) = send(&platform.address, bundle.path(), ADA).await;
        assert!(
            matches!(refused, Err(Error::NotAPlatform(_))),
            "{body}: {refused:?}"
        );
        assert_eq!(platform.asked(), 1);
    }
}

#[tokio::test]
async fn nobody_there_is_said_after_a_while() {
    let bundle = file(&bundle(1000, 5));
    // Port 1 of this machine is nobody's.
    let (refused, events) = send("http://127.0.0.1:1", bundle.path(), ADA).await;
    let error = refused.unwrap_err().to_string();
    assert!(
        error.starts_with("http://127.0.0.1:1 could not be reached: "),
        "{error}"
    );
    assert!(error.contains("refused"), "{error}");
    assert_eq!(waits(&events), 6);
}

#[tokio::test]
async fn what_speaks_no_tls_is_not_trusted() {
    let bundle = file(&bundle(1000, 6));
    let plain = Canned::new(&[&answer("200 OK", "", "{}")]).await;
    let (refused, events) = send(&plain.address.replace("http:", "https:"), bundle.path(), ADA).await;
    assert!(matches!(refused, Err(Error::Untrusted { .. })), "{refused:?}");
    assert_eq!((plain.asked(), waits(&events)), (1, 0));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_token() {
    let bundle = file(&bundle(1000, 7));
    let server = SelfSigned::new().await;
    let (refused, events) = send(&server.address, bundle.path(), ADA).await;
    let Err(Error::Untrusted { reason, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(reason.contains("certificate"), "{reason}");
    assert_eq!((server.greeted(), waits(&events)), (0, 0));
}

#[test]
fn plain_http_is_for_this_machine() {
    assert_eq!(
        Address::new("http://10.0.0.1", Plain::Loopback),
        Err(AddressError::Plain)
    );
}
