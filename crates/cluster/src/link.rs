//! What went wrong between us and an API server, read from the chain of errors below an HTTP client.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use rustls::CertificateError;
use tokio_tungstenite::tungstenite;

/// Why a server could not be talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkProblem {
    /// Nothing listens at the address.
    Refused,
    /// The host name does not resolve.
    UnknownHost,
    /// No answer in time.
    TimedOut,
    /// The network has no way to the address.
    NoRoute,
    /// The server's certificate was not accepted by us, with the reason.
    CertificateRejected(String),
    /// What answers at the address does not speak TLS.
    NotTls,
    /// The TLS handshake failed otherwise, for example because the server did not accept our certificate.
    Tls(String),
    /// The connection was cut.
    Cut,
    /// The port-forward below the connection failed, with the reason.
    Forward(String),
    /// Anything else, in the words of the layer that failed.
    Other(String),
}

impl LinkProblem {
    /// What the reader can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Refused => "is the cluster running, and is this its address and port?",
            Self::UnknownHost => "check the server's name in the kubeconfig and this machine's DNS (or VPN)",
            Self::TimedOut | Self::NoRoute => "check the network, VPN or firewall on the way to this address",
            Self::CertificateRejected(_) => {
                "check certificate-authority-data (and tls-server-name) of this cluster in the kubeconfig"
            }
            Self::NotTls => "check the port, and whether the server's address should begin with http://",
            Self::Tls(_) => "check the client certificate of this user in the kubeconfig",
            Self::Cut => "the server may be restarting; try again",
            Self::Forward(_) => "is the pod behind it running?",
            Self::Other(_) => "see the message above",
        }
    }

    /// Reads the chain of errors from the outermost to the root.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut deepest = error.to_string();
        let mut next = Some(error);
        while let Some(current) = next {
            if let Some(problem) = one_link(current) {
                return problem;
            }
            deepest = current.to_string();
            next = below(current);
        }
        Self::Other(deepest)
    }
}

impl fmt::Display for LinkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refused the connection"),
            Self::UnknownHost => f.write_str("cannot be found by name"),
            Self::TimedOut => f.write_str("did not answer in time"),
            Self::NoRoute => f.write_str("cannot be reached over the network"),
            Self::CertificateRejected(why) => write!(f, "shows a certificate that is not trusted: {why}"),
            Self::NotTls => f.write_str("does not speak TLS"),
            Self::Tls(why) => write!(f, "failed the TLS handshake: {why}"),
            Self::Cut => f.write_str("cut the connection"),
            Self::Forward(why) => write!(f, "cannot be reached through the pod: {why}"),
            Self::Other(why) => write!(f, "cannot be reached: {why}"),
        }
    }
}

/// A port-forward that failed below an HTTP client; carried up through its error chain.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ForwardProblem(pub(crate) String);

/// `source()` of an `io::Error` skips the error it wraps, so that one is asked for by name.
fn below<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn one_link(error: &(dyn StdError + 'static)) -> Option<LinkProblem> {
    if let Some(forward) = error.downcast_ref::<ForwardProblem>() {
        return Some(LinkProblem::Forward(forward.0.clone()));
    }
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls_problem(tls));
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        return io_problem(io);
    }
    if let Some(socket) = error.downcast_ref::<tungstenite::Error>() {
        return socket_problem(socket);
    }
    let said = error.to_string();
    if said == "dns error" || said.contains("failed to lookup address") {
        return Some(LinkProblem::UnknownHost);
    }
    let is_cut = error.downcast_ref::<hyper::Error>().is_some_and(|hyper| {
        hyper.is_incomplete_message()
            || hyper.is_closed()
            || hyper.is_canceled()
            || hyper.is_body_write_aborted()
    });
    (is_cut && error.source().is_none()).then_some(LinkProblem::Cut)
}

fn socket_problem(error: &tungstenite::Error) -> Option<LinkProblem> {
    use tungstenite::Error;
    use tungstenite::error::ProtocolError;
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Some(LinkProblem::Cut),
        _ => None,
    }
}

fn tls_problem(error: &rustls::Error) -> LinkProblem {
    match error {
        // An authority that was made anew often has the name of the old one: then it is the signature that is wrong.
        rustls::Error::InvalidCertificate(
            why @ (CertificateError::UnknownIssuer | CertificateError::BadSignature),
        ) => LinkProblem::CertificateRejected(format!(
            "{why}, no authority that the kubeconfig names has signed it"
        )),
        rustls::Error::InvalidCertificate(why) => LinkProblem::CertificateRejected(why.to_string()),
        // What comes in place of a TLS record is words for people, most often HTTP.
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => LinkProblem::NotTls,
        other => LinkProblem::Tls(other.to_string()),
    }
}

fn io_problem(error: &io::Error) -> Option<LinkProblem> {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(LinkProblem::Refused),
        ErrorKind::TimedOut => Some(LinkProblem::TimedOut),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Some(LinkProblem::NoRoute),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => Some(LinkProblem::Cut),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_io(kind: io::ErrorKind) -> LinkProblem {
        LinkProblem::of(&io::Error::from(kind))
    }

    #[test]
    fn the_root_cause_is_found_below_wrappers() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = io::Error::other(io::Error::other(tls));
        assert!(
            matches!(LinkProblem::of(&wrapped), LinkProblem::CertificateRejected(why) if why.contains("UnknownIssuer"))
        );
        let forward = io::Error::other(ForwardProblem("pod is gone".into()));
        assert_eq!(
            LinkProblem::of(&forward),
            LinkProblem::Forward("pod is gone".into())
        );
    }

    #[test]
    fn io_kinds_are_told_apart() {
        assert_eq!(of_io(io::ErrorKind::ConnectionRefused), LinkProblem::Refused);
        assert_eq!(of_io(io::ErrorKind::TimedOut), LinkProblem::TimedOut);
        assert_eq!(of_io(io::ErrorKind::UnexpectedEof), LinkProblem::Cut);
        assert_eq!(of_io(io::ErrorKind::NetworkUnreachable), LinkProblem::NoRoute);
        assert!(matches!(LinkProblem::of(&io::Error::other("odd")), LinkProblem::Other(why) if why == "odd"));
    }
}
