//! When a page is asked for again.

use std::cell::{Cell, RefCell};
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::HeaderValue;
use tokio::time::{Instant, timeout_at};

use super::fault::{Break, Cause, Fault};

/// How often a page is asked for at most.
const MAX_ATTEMPTS: usize = 4;

/// How often a page is asked for while nothing has answered yet and nobody seems to be there:
/// somebody without a network should not have to wait to be told so.
const MAX_FIRST_ATTEMPTS: u32 = 2;

/// When the attempts end, and how far apart they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The time after which nothing is waited for.
    pub(super) deadline: Instant,
    /// How long that was from the start.
    pub(super) allowed: Duration,
    /// The shortest pause between two attempts; the next ones are three times as long each, and a
    /// random part of the same size is added to every one.
    pub(super) first_pause: Duration,
}

impl Pace {
    /// Attempts at a page until there is one, the fault is of a kind that stays, or attempts or
    /// time are used up. Also gives the number of attempts. `answered` says whether the site has
    /// answered anything yet; `again` is told of every attempt after the first.
    pub(super) async fn attempts<T, F: Future<Output = Result<T, Fault>>>(
        self,
        mut attempt: impl FnMut() -> F,
        answered: impl Fn() -> bool,
        again: impl Fn(),
    ) -> (Result<T, Fault>, u32) {
        let made = Cell::new(0);
        let counted = || {
            made.set(made.get() + 1);
            attempt()
        };
        let before = RefCell::new(None);
        let attempts = counted
            .retry(self.backoff())
            .when(|fault| is_worth_another(fault, made.get(), answered()))
            .adjust(|fault, pause| {
                let pause = pause?.max(asked_for(fault));
                (Instant::now() + pause < self.deadline).then_some(pause)
            })
            .notify(|fault, _| {
                before.replace(fault.reason());
                again();
            });
        let result = timeout_at(self.deadline, attempts)
            .await
            .unwrap_or_else(|_| Err(Fault::out_of_time(self.allowed, before.take())));
        (result, made.get())
    }

    /// The fault of an answer that asks to come back later, which is final where later is too late.
    pub(super) fn passing(self, reason: String, retry_after: Option<&HeaderValue>) -> Fault {
        let after = retry_after.and_then(|value| wait(value, SystemTime::now()));
        match after {
            Some(after) if Instant::now() + after >= self.deadline => {
                let seconds = after.as_secs();
                let why = "which is later than this run may take";
                Fault::Final(format!("{reason} and asks to wait {seconds} s, {why}"))
            }
            _ => Fault::Passing { reason, after },
        }
    }

    fn backoff(self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.first_pause)
            .with_factor(3.0)
            .with_max_times(MAX_ATTEMPTS - 1)
            .with_jitter()
    }
}

fn is_worth_another(fault: &Fault, made: u32, answered: bool) -> bool {
    match fault {
        Fault::Connection(Break { opening: true, cause, .. }) if !answered => {
            matches!(cause, Cause::Nobody | Cause::Broken) && made < MAX_FIRST_ATTEMPTS
        }
        Fault::Connection(Break { cause, .. }) => *cause != Cause::Trust,
        Fault::Passing { .. } => true,
        Fault::Missing | Fault::Final(_) | Fault::Wall(_) => false,
    }
}

fn asked_for(fault: &Fault) -> Duration {
    match fault {
        Fault::Passing { after: Some(after), .. } => *after,
        _ => Duration::ZERO,
    }
}

/// How long a `Retry-After` asks to wait: seconds, or the time until a date.
/// See <https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3>.
fn wait(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    /// Far past any deadline, and far from overflowing a point in time.
    const LONGEST: Duration = Duration::from_hours(365 * 24);
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waited(text: &str) -> Option<u64> {
        let now = httpdate::parse_http_date("Mon, 01 Dec 2025 12:00:00 GMT").unwrap();
        wait(&HeaderValue::from_str(text).unwrap(), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(waited("0"), Some(0));
        assert_eq!(waited(" 120 "), Some(120));
        assert_eq!(waited("Mon, 01 Dec 2025 12:00:30 GMT"), Some(30));
        assert_eq!(waited("Mon, 01 Dec 2025 11:00:00 GMT"), Some(0));
        assert_eq!(waited("soon"), None);
        assert_eq!(waited("-1"), None);
        assert_eq!(waited(""), None);
        assert_eq!(waited("99999999999999999999999"), Some(365 * 24 * 3600));
    }

    fn connection(opening: bool, cause: Cause) -> Fault {
        Fault::Connection(Break { opening, cause, reason: String::new() })
    }

    #[test]
    fn nobody_there_is_found_out_soon_and_a_lapse_is_forgiven() {
        assert!(is_worth_another(&connection(true, Cause::Nobody), 1, false));
        assert!(!is_worth_another(&connection(true, Cause::Nobody), 2, false));
        assert!(is_worth_another(&connection(true, Cause::Nobody), 2, true));
        assert!(!is_worth_another(&connection(true, Cause::Silence), 1, false));
        assert!(is_worth_another(&connection(true, Cause::Silence), 1, true));
        assert!(is_worth_another(&connection(false, Cause::Silence), 3, false));
        assert!(!is_worth_another(&connection(true, Cause::Trust), 1, true));
    }
}
