//! A session in a pod: everything that a shell or script started, so that it can be ended as a whole.
//!
//! Dropping an exec leaves its processes running in the pod. So each session puts a mark into its environment,
//! which every process it starts inherits, and ends by sending signals to whatever carries the mark.

use std::hash::{BuildHasher, RandomState};

use cluster::{Cluster, ExecError, ExecInput, ExecRequest, ExecStatus, ExitStatus};

/// Name of the variable that marks the processes of a session.
const MARK: &str = "TASKWRIGHT_SESSION";

/// Everything one shell or script started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    mark: String,
}

/// Ends all processes that carry the mark `$1`, and those of the terminal session `$2` when it is given: first
/// politely, then not. Exits with 0 when none is left.
const END: &str = r#"
marked() {
  {
    grep -lsF "$1" /proc/[0-9]*/environ | sed 's#/proc/##; s#/environ##'
    if [ -n "$2" ]; then
      for stat in /proc/[0-9]*/stat; do
        if read -r line <"$stat"; then
          fields=${line##*) }
          set -- "$1" "$2" $fields
          if [ "$6" = "$2" ]; then stat=${stat#/proc/}; echo "${stat%/stat}"; fi
        fi
      done 2>/dev/null
    fi
  } | sort -u
}
for signal in HUP TERM KILL KILL; do
  left=$(marked "$1" "$2")
  if [ -z "$left" ]; then exit 0; fi
  kill -s "$signal" $left 2>/dev/null
  tries=0
  while [ "$tries" -lt 10 ] && [ -n "$(marked "$1" "$2")" ]; do tries=$((tries + 1)); sleep 0.03; done
done
[ -z "$(marked "$1" "$2")" ]
"#;

/// Random bits that tell things of ours apart.
pub(crate) fn random() -> u64 {
    // The hasher's keys are random for each process and differ from one to the next.
    RandomState::new().hash_one(std::process::id())
}

impl Session {
    /// A session with a mark of its own.
    pub(crate) fn new() -> Self {
        Self {
            mark: format!("{:016x}", random()),
        }
    }

    /// The mark as an environment variable, `NAME=value`.
    pub(crate) fn variable(&self) -> String {
        format!("{MARK}={}", self.mark)
    }

    /// Ends every process of the session.
    ///
    /// # Errors
    /// When the pod cannot be reached, or something did not end.
    pub(crate) async fn end(
        &self,
        host: &Cluster,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Result<(), ExecError> {
        let mark = self.variable();
        let output = host
            .run(
                namespace,
                pod,
                container,
                &["/bin/sh", "-c", END, "end", &mark, ""],
                None,
            )
            .await?;
        if output.status.success() {
            return Ok(());
        }
        Err(ExecError::Lost {
            command: "end of session".to_owned(),
            pod: pod.to_owned(),
            reason: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }
}

/// Ends a session when its connection closes for whatever reason, our own crash included: a second exec without
/// a terminal waits in the pod for the end of its input.
#[derive(Debug)]
pub(crate) struct Keeper {
    input: ExecInput,
    status: ExecStatus,
    _output: cluster::ExecOutput,
}

impl Keeper {
    /// Watches over `session`, whose shell is process `pid`.
    pub(crate) async fn start(
        host: &Cluster,
        session: &Session,
        namespace: &str,
        pod: &str,
        container: &str,
        pid: &str,
    ) -> Result<Self, ExecError> {
        let script = format!("cat >/dev/null 2>&1\n{END}");
        let command = ["/bin/sh", "-c", &script, "keeper", &session.variable(), pid];
        let request = ExecRequest {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            command: command.map(str::to_owned).to_vec(),
            tty: false,
            stdin: true,
            size: None,
        };
        let (input, output, status) = host.exec(request).await?.split();
        Ok(Self {
            input,
            status,
            _output: output,
        })
    }

    /// Ends the session now and waits until nothing of it is left.
    pub(crate) async fn end(self) -> ExitStatus {
        // A keeper whose connection is gone has ended the session already.
        let _ = self.input.close().await;
        self.status.await
    }
}
