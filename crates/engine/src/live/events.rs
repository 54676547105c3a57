//! What happens, as it happens: told to everybody who listens at that moment, and kept for nobody.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Events that a slow listener may be behind before it misses some.
const BEHIND: usize = 256;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Event {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: OffsetDateTime,
    /// What kind of thing.
    pub kind: EventKind,
    /// The editor's state, the code of a problem or of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The same, for people.
    pub message: String,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// The editor has another state.
    Editor,
    /// Something is wrong that was not before.
    ProblemAppeared,
    /// Something is no longer wrong.
    ProblemCleared,
    /// Somebody has signed in.
    SignIn,
    /// Requests were refused.
    Refused,
    /// The listener was too slow for some events.
    Missed,
}

impl Event {
    /// Something that happens now.
    pub fn now(kind: EventKind, code: Option<&str>, message: impl Into<String>) -> Event {
        Event {
            at: OffsetDateTime::now_utc(),
            kind,
            code: code.map(str::to_owned),
            message: message.into(),
        }
    }
}

/// Where events are told. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct EventBus(broadcast::Sender<Event>);

impl Default for EventBus {
    fn default() -> Self {
        EventBus(broadcast::Sender::new(BEHIND))
    }
}

impl EventBus {
    /// Tells everybody who listens.
    pub(crate) fn publish(&self, event: Event) {
        // Refused when nobody listens.
        let _ = self.0.send(event);
    }

    /// Everything from now on.
    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listener(broadcast::Receiver<Event>);

impl Listener {
    /// The next event; none when there will be no more.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(count)) => {
                let message = format!("{count} events came too fast for this listener and are not told");
                Some(Event::now(EventKind::Missed, None, message))
            }
            Err(RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_too_slow_is_told_so_and_gets_the_rest() {
        let bus = EventBus::default();
        let mut listener = bus.listen();
        for number in 0..BEHIND + 3 {
            bus.publish(Event::now(EventKind::Refused, Some("x"), number.to_string()));
        }
        let first = listener.next().await.expect("open");
        assert_eq!(first.kind, EventKind::Missed);
        assert!(first.message.starts_with("3 events"), "{}", first.message);
        assert_eq!(listener.next().await.expect("open").message, "3");
        drop(bus);
    }

    #[test]
    fn an_event_is_one_flat_object() {
        let event = Event {
            at: OffsetDateTime::UNIX_EPOCH,
            kind: EventKind::ProblemAppeared,
            code: Some("disk_full".into()),
            message: "no space".into(),
        };
        let json = serde_json::to_value(&event).expect("JSON");
        let expected = serde_json::json!({
            "at": "1970-01-01T00:00:00Z", "kind": "problem-appeared", "code": "disk_full", "message": "no space"
        });
        assert_eq!(json, expected);
    }
}
