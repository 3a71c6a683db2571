//! Runs one check, as often as it may, and says what it came to.

use std::time::{Duration, Instant};

use bundle::model::{Check, CheckKind};
use cluster::Cluster;
use plan::grader;

use super::result::{CheckResult, GradeEvent};
use super::{Listener, assert, expression};
use crate::failure::{Cause, Failure};
use crate::probe::{self, Answer, Asker, Question};
use crate::script::{self, LastLines, Script};
use crate::session::Session;

/// Between two attempts: only the check knows what it waits for.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Lines that are kept of what a check prints.
const LINES: usize = 100;
/// Exit codes from here on say that the script did not run or was killed, not that the work is bad.
const NOT_RUN: i32 = 126;

/// Where checks run.
pub(super) struct Room<'a> {
    pub(super) host: &'a Cluster,
    /// The task's API.
    pub(super) api: &'a Cluster,
    /// The grader's namespace on the host.
    pub(super) namespace: &'a str,
    pub(super) listener: Listener<'a>,
}

impl Room<'_> {
    /// Runs a check until it passes or its attempts are used up.
    pub(super) async fn run(&self, check: &Check) -> CheckResult {
        let began = Instant::now();
        let mut attempts = 0;
        let mut result = loop {
            attempts += 1;
            let result = self.attempt(check).await;
            if result.is_passed() || attempts > check.retries {
                break result;
            }
            (self.listener)(GradeEvent::Retrying {
                name: result.name,
                reason: result.reason.unwrap_or_default(),
            });
            tokio::time::sleep(RETRY_EVERY).await;
        };
        result.attempts = attempts;
        result.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        result
    }

    async fn attempt(&self, check: &Check) -> CheckResult {
        let session = Session::new();
        let work = Box::pin(self.look(check, &session));
        if let Ok(result) = tokio::time::timeout(check.timeout, work).await {
            return result;
        }
        let mut reason = format!(
            "it did not end within its timeout of {} s",
            check.timeout.as_secs()
        );
        let pod = grader::NAME;
        if let Err(error) = session.end(self.host, self.namespace, pod, pod).await {
            reason = format!("{reason}, and its processes could not be ended: {error}");
        }
        CheckResult::broken(check, reason)
    }

    async fn look(&self, check: &Check, session: &Session) -> CheckResult {
        match &check.kind {
            CheckKind::Script { path, script } => self.script(check, path.as_str(), script, session).await,
            CheckKind::Assert { manifest } => told(check, assert::hold(self.api, manifest).await),
            CheckKind::Cel { objects, expression } => {
                told(check, expression::holds(self.api, objects, expression).await)
            }
            CheckKind::Tcp { address } => self.ask(check, Question::Tcp(address)).await,
            CheckKind::Http {
                url,
                status,
                contains,
            } => {
                let question = Question::Http {
                    url,
                    status: *status,
                    contains: contains.as_deref(),
                };
                self.ask(check, question).await
            }
        }
    }

    async fn script(&self, check: &Check, path: &str, content: &[u8], session: &Session) -> CheckResult {
        let env = std::collections::BTreeMap::new();
        let script = Script {
            path,
            content,
            env: &env,
            namespace: self.namespace,
            pod: grader::NAME,
            container: grader::NAME,
            session,
        };
        let mut output = LastLines::of(LINES);
        let ran = script::run(self.host, &script, |stream, line| {
            output.push(line);
            (self.listener)(GradeEvent::Output {
                name: check.name.to_string(),
                stream,
                line: line.to_owned(),
            });
        });
        let mut result = exited(check, ran.await);
        result.output = output.into_vec();
        result
    }

    async fn ask(&self, check: &Check, question: Question<'_>) -> CheckResult {
        let asker = Asker {
            host: self.host,
            namespace: self.namespace,
            pod: grader::NAME,
            container: grader::NAME,
        };
        match probe::ask(asker, question).await {
            Ok(Answer::Open) => CheckResult::passed(check),
            Ok(Answer::Shut(reason)) => CheckResult::failed(check, reason),
            Ok(Answer::Never(reason)) => {
                CheckResult::broken(check, format!("the grader cannot ask: {reason}"))
            }
            Err(error) => CheckResult::broken(check, error.to_string()),
        }
    }
}

/// What looking at objects came to: `Ok(Err(…))` says why they are not as wanted.
fn told(check: &Check, found: Result<Result<(), String>, String>) -> CheckResult {
    match found {
        Ok(Ok(())) => CheckResult::passed(check),
        Ok(Err(reason)) => CheckResult::failed(check, reason),
        Err(reason) => CheckResult::broken(check, reason),
    }
}

fn exited(check: &Check, ran: Result<(), Failure>) -> CheckResult {
    let Err(failure) = ran else {
        return CheckResult::passed(check);
    };
    match failure.cause {
        Cause::Script { code, .. } if code < NOT_RUN => {
            CheckResult::failed(check, format!("it ended with exit code {code}"))
        }
        Cause::Script { code, .. } => {
            CheckResult::broken(check, format!("{}: exit code {code}", not_run(code)))
        }
        cause => CheckResult::broken(check, cause.to_string()),
    }
}

fn not_run(code: i32) -> &'static str {
    match code {
        126 => "it cannot be run; look at its first line",
        127 => "a program that it calls, or the one in its first line, is not in the grader's image",
        _ => "it was killed by a signal",
    }
}
