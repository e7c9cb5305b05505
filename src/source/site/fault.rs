//! What can go wrong with a request, told by its innermost cause.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use crate::source::PageError;

/// What one attempt at a page came to, when it did not come to a page.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// The site has no such page.
    Missing,
    /// The answer is of no use, and the next would be the same.
    Final(String),
    /// The answer may be better next time, at the earliest after what the site asked for.
    Passing { reason: String, after: Option<Duration> },
    /// The site refuses to talk to a program.
    Wall(StatusCode),
    /// The connection did not carry a whole answer.
    Connection(Break),
}

/// How a connection failed.
#[derive(Clone, Debug)]
pub(super) struct Break {
    /// Whether it failed before a request could be sent.
    pub(super) opening: bool,
    /// Which kind of failure it was.
    pub(super) cause: Cause,
    /// What happened, in a few words.
    pub(super) reason: String,
}

/// The kinds of failure that are handled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Nothing came for too long.
    Silence,
    /// Nobody is there: the name is unknown, the port closed, the network gone.
    Nobody,
    /// The other side cannot prove who it is, or nothing is there to check it with.
    Trust,
    /// It ended in the middle, or made no sense.
    Broken,
    /// Another request was to make it, and could not.
    Shared,
}

const WALL_HINT: &str = "run again later or from another network, set --user-agent, or read a \
                         folder or a mirror with --source";
const NETWORK_HINT: &str = "check the network and the proxy variables (HTTPS_PROXY, NO_PROXY), or \
                            read a folder or a mirror with --source";
const TRUST_HINT: &str = "if a proxy re-signs traffic here, add its root certificate to the \
                          system's, or name a file that holds it in SSL_CERT_FILE";

impl Fault {
    /// The fault of a request that brought no answer, or of a body that broke off.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        Self::Connection(Break::of(error))
    }

    /// The fault of a connection that cannot even be tried.
    pub(super) fn of_tls(error: &rustls::Error) -> Self {
        let (cause, reason) = tls_cause(error);
        Self::Connection(Break { opening: true, cause, reason })
    }

    /// The fault of a body that ended too early although the connection did not.
    pub(super) fn cut_short(reason: impl Into<String>) -> Self {
        let (cause, reason) = (Cause::Broken, reason.into());
        Self::Connection(Break { opening: false, cause, reason })
    }

    /// The fault of a page that was not there when the time of all pages was up; `before` is what
    /// its last attempt but one came to.
    pub(super) fn out_of_time(allowed: Duration, before: Option<String>) -> Self {
        let mut reason =
            format!("not had within {allowed:?}, the time that all pages have together");
        if let Some(before) = before {
            reason.push_str("; before that, ");
            reason.push_str(&before);
        }
        Self::Connection(Break { opening: false, cause: Cause::Silence, reason })
    }

    /// What happened, where there is more to say than the kind of fault does.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Missing | Self::Wall(_) => None,
            Self::Final(reason) | Self::Passing { reason, .. } => Some(reason.clone()),
            Self::Connection(fault) => Some(fault.reason.clone()),
        }
    }

    /// What the caller of the reader is told. `answered` says whether the site has answered
    /// anything in this run: one that has can be reached.
    pub(super) fn into_error(self, location: String, attempts: u32, answered: bool) -> PageError {
        let counted = |reason: String| match attempts {
            0 | 1 => reason,
            _ => format!("{reason} ({attempts} attempts)"),
        };
        match self {
            Self::Missing => PageError::Missing { location },
            Self::Final(reason) => PageError::Unreadable { location, reason },
            Self::Passing { reason, .. } => {
                PageError::Unreadable { location, reason: counted(reason) }
            }
            Self::Wall(status) => {
                let reason = format!("it answered {status}, as AWS's bot protection does");
                PageError::Unreachable { location, reason, hint: Some(WALL_HINT) }
            }
            Self::Connection(fault) if answered => {
                PageError::Unreadable { location, reason: counted(fault.reason) }
            }
            Self::Connection(Break { cause, reason, .. }) => {
                let hint = if cause == Cause::Trust { TRUST_HINT } else { NETWORK_HINT };
                PageError::Unreachable { location, reason: counted(reason), hint: Some(hint) }
            }
        }
    }
}

impl Break {
    fn of(error: &reqwest::Error) -> Self {
        let opening = error.is_connect();
        let (cause, reason) = if error.is_timeout() {
            let what = if opening { "no connection" } else { "no answer" };
            (Cause::Silence, format!("{what} in time"))
        } else {
            cause_and_reason(error)
        };
        Self { opening, cause, reason }
    }
}

fn cause_and_reason(error: &(dyn Error + 'static)) -> (Cause, String) {
    let mut innermost = error;
    let mut setting = "";
    while let Some(inner) = inner_error(innermost) {
        if let Some(error) = inner.downcast_ref::<rustls::Error>() {
            return tls_cause(error);
        }
        // The types of these are private to the HTTP library; this is how they show themselves.
        let shown = inner.to_string();
        if shown.starts_with("dns error") {
            setting = "host name not found";
        } else if shown.starts_with("tunnel error") {
            setting = "the proxy did not let the connection through";
        }
        innermost = inner;
    }
    if !setting.is_empty() {
        return (Cause::Nobody, format!("{setting} ({innermost})"));
    }
    let reason = innermost.to_string();
    if reason == "request was canceled" {
        return (Cause::Shared, reason);
    }
    match innermost.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(
            kind @ (io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable),
        ) => (Cause::Nobody, kind.to_string()),
        Some(io::ErrorKind::ConnectionReset) => (Cause::Broken, "connection reset".to_owned()),
        Some(io::ErrorKind::UnexpectedEof) => (Cause::Broken, "connection cut off".to_owned()),
        _ => (Cause::Broken, reason),
    }
}

/// The error that one wraps. What an [`io::Error`] holds is not its source but itself, and has to
/// be asked for.
fn inner_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

fn tls_cause(error: &rustls::Error) -> (Cause, String) {
    match error {
        rustls::Error::InvalidCertificate(why) => {
            (Cause::Trust, format!("its TLS certificate was not accepted: {why}"))
        }
        rustls::Error::General(why) if why.contains("CA certificates") => {
            (Cause::Trust, "this system has no root certificates to check it with".to_owned())
        }
        other => (Cause::Broken, format!("TLS: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(fault: Fault, attempts: u32, answered: bool) -> String {
        fault.into_error("https://docs.example/a".to_owned(), attempts, answered).to_string()
    }

    #[test]
    fn a_connection_fault_makes_a_site_unreachable_only_while_nothing_was_answered() {
        let fault = Fault::cut_short("it broke off");
        let unreachable = "https://docs.example/a cannot be reached: it broke off (4 attempts)";
        assert_eq!(told(fault.clone(), 4, false), unreachable);
        let unreadable = "https://docs.example/a could not be read: it broke off";
        assert_eq!(told(fault, 1, true), unreadable);
    }

    #[test]
    fn the_end_of_time_does_not_hide_what_was_wrong() {
        let before = Some("it answered 503 Service Unavailable".to_owned());
        let fault = Fault::out_of_time(Duration::from_mins(1), before);
        let expected = "https://docs.example/a could not be read: not had within 60s, the time that \
                        all pages have together; before that, it answered 503 Service Unavailable \
                        (3 attempts)";
        assert_eq!(told(fault, 3, true), expected);
    }

    #[test]
    fn the_innermost_cause_is_told() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let wrapped = io::Error::other(io::Error::other(reset));
        assert_eq!(cause_and_reason(&wrapped), (Cause::Broken, "connection reset".to_owned()));
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let (cause, reason) = cause_and_reason(&io::Error::other(tls));
        assert_eq!(cause, Cause::Trust);
        assert!(reason.starts_with("its TLS certificate was not accepted: "), "{reason}");
    }
}
