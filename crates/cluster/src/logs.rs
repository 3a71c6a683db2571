//! The logs of containers: the last lines, or all of them as they come.

use std::pin::Pin;

use futures::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, Stream};
use jiff::Timestamp;
use kube::api::LogParams;
use kube::core::Request;

use crate::client::Cluster;
use crate::error::ApiError;

/// A longer line comes in pieces of this size.
const LONGEST_LINE: u64 = 64 * 1024;

/// Which log to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogRequest {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container; the only one when absent.
    pub container: Option<String>,
    /// The log of the container's run before the present one.
    pub previous: bool,
    /// Only so many lines from its end.
    pub tail_lines: Option<i64>,
    /// Only lines from this second on.
    pub since: Option<Timestamp>,
}

/// How a log is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// As it is now.
    Now,
    /// As it is written.
    Followed,
    /// As it is written, each line with its time.
    Timed,
}

impl LogRequest {
    fn params(&self, shape: Shape) -> LogParams {
        LogParams {
            container: self.container.clone(),
            previous: self.previous,
            tail_lines: self.tail_lines,
            // The client rounds to the nearest second, which may be the next one.
            since_time: self
                .since
                .and_then(|since| Timestamp::from_second(since.as_second()).ok()),
            follow: shape != Shape::Now,
            timestamps: shape == Shape::Timed,
            ..LogParams::default()
        }
    }

    fn action(&self) -> String {
        format!("read the log of pod {}/{}", self.namespace, self.pod)
    }

    fn http(&self, shape: Shape) -> Result<http::Request<Vec<u8>>, ApiError> {
        let path = format!("/api/v1/namespaces/{}/pods", self.namespace);
        let request = Request::new(path).logs(&self.pod, &self.params(shape));
        request.map_err(|error| ApiError::unusable(self.action(), error))
    }
}

impl Cluster {
    /// The log as it is now; bytes that are not UTF-8 are replaced.
    pub async fn pod_log(&self, request: &LogRequest) -> Result<String, ApiError> {
        let mut reader = Box::pin(self.log_reader(request, Shape::Now).await?);
        let mut log = Vec::new();
        let read = reader.read_to_end(&mut log).await;
        read.map_err(|error| ApiError::unreachable(request.action(), self.server_url(), &error))?;
        Ok(String::from_utf8_lossy(&log).into_owned())
    }

    /// The lines of the log as they are written, until the container ends.
    pub async fn pod_log_stream(
        &self,
        request: &LogRequest,
    ) -> Result<impl Stream<Item = Result<String, ApiError>> + Send + use<>, ApiError> {
        let reader = Box::pin(self.log_reader(request, Shape::Followed).await?);
        let (action, server) = (request.action(), self.server_url().to_owned());
        Ok(futures::stream::unfold(Some(reader), move |reader| {
            let (action, server) = (action.clone(), server.clone());
            async move {
                let mut reader = reader?;
                match next_line(&mut reader).await {
                    Ok(line) => line.map(|line| (Ok(line), Some(reader))),
                    Err(error) => Some((Err(ApiError::unreachable(action, &server, &error)), None)),
                }
            }
        }))
    }

    /// The bytes of the log as they are written, each line with its time (RFC 3339) and a space before it, until the
    /// container ends; nothing is read ahead of the reader.
    ///
    /// # Errors
    /// When the pod has no such log (yet), or the cluster does not answer. Items are errors when the connection is lost.
    pub async fn pod_log_chunks(
        &self,
        request: &LogRequest,
    ) -> Result<impl Stream<Item = Result<Vec<u8>, ApiError>> + Send + use<>, ApiError> {
        let reader = Box::pin(self.log_reader(request, Shape::Timed).await?);
        let (action, server) = (request.action(), self.server_url().to_owned());
        Ok(futures::stream::unfold(Some(reader), move |reader| {
            let (action, server) = (action.clone(), server.clone());
            async move {
                let mut reader = reader?;
                match next_chunk(&mut reader).await {
                    Ok(chunk) => chunk.map(|chunk| (Ok(chunk), Some(reader))),
                    Err(error) => Some((Err(ApiError::unreachable(action, &server, &error)), None)),
                }
            }
        }))
    }

    async fn log_reader(
        &self,
        request: &LogRequest,
        shape: Shape,
    ) -> Result<impl AsyncBufRead + Send + use<>, ApiError> {
        let http = request.http(shape)?;
        self.calls()
            .request_stream(http)
            .await
            .map_err(|error| self.failed(request.action(), error))
    }
}

async fn next_chunk<R: AsyncBufRead>(reader: &mut Pin<Box<R>>) -> std::io::Result<Option<Vec<u8>>> {
    let chunk = reader.fill_buf().await?.to_vec();
    reader.as_mut().consume(chunk.len());
    Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
}

async fn next_line<R: AsyncBufRead>(reader: &mut Pin<Box<R>>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let count = reader
        .as_mut()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)
        .await?;
    if count == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_asked_for_from_the_second_that_has_begun() {
        let request = LogRequest {
            namespace: "shop".into(),
            pod: "web".into(),
            since: "2026-01-02T03:04:05.9Z".parse().ok(),
            ..LogRequest::default()
        };
        let asked = request.http(Shape::Timed).unwrap().uri().to_string();
        let expected = "/api/v1/namespaces/shop/pods/web/log?&follow=true&sinceTime=2026-01-02T03%3A04%3A05Z&timestamps=true";
        assert_eq!(asked, expected);
    }

    #[tokio::test]
    async fn lines_are_bounded_and_survive_bad_bytes() {
        let long = vec![b'x'; 70_000];
        let mut text = b"one\n\xff\n".to_vec();
        text.extend(&long);
        let mut reader = Box::pin(futures::io::Cursor::new(text));
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut reader).await.unwrap() {
            lines.push(line);
        }
        let lengths: Vec<usize> = lines.iter().map(String::len).collect();
        assert_eq!(lines[..2], ["one", "\u{fffd}"]);
        assert_eq!(lengths[2..], [65_536, 4_464]);
    }
}
