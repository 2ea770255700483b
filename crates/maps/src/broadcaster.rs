//! One broadcaster per watched event. It encodes each change once per tick and sends the same bytes to every socket.

use crate::availability::{Availabilities, SeatChange, binary_changes};
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use fairseat_app::ids::PublicIds;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{Published, SaleHandle};
use fairseat_journal::Position;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// The shortest and the longest time for which changes are gathered before they are sent together.
const SHORTEST_TICK: Duration = Duration::from_millis(100);
const LONGEST_TICK: Duration = Duration::from_secs(2);
/// Each viewer adds this to the tick, so that all viewers of an event together are sent ten thousand frames a second.
const TICK_OF_A_VIEWER: Duration = Duration::from_micros(100);
/// If nothing changes, a broadcaster checks this often whether anybody still watches.
const QUIET: Duration = Duration::from_secs(2);
/// The most frames that a slow viewer may be behind before it is told to reload.
const BACKLOG: usize = 64;

/// The changes up to a version, in both forms.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The version that a viewer has after this frame.
    pub version: Position,
    /// `{"version": …, "changes": […]}`, or `{"version": …, "reload": true}` when the changes are no longer known.
    pub text: Utf8Bytes,
    /// The binary form; `None` for a reload, which exists as text only.
    pub binary: Option<Bytes>,
}

impl Frame {
    /// The frame that leads to `version`.
    #[must_use]
    pub fn new(
        ids: &PublicIds,
        event: EventNumber,
        version: Position,
        changes: Option<&[SeatChange]>,
    ) -> Self {
        let Some(changes) = changes else {
            let text = format!("{{\"version\":{},\"reload\":true}}", version.0);
            return Self { version, text: text.into(), binary: None };
        };
        let mut text = format!("{{\"version\":{},\"changes\":[", version.0);
        for (place, change) in changes.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let (id, index, status) = (ids.seat(event, change.seat), change.seat.0, change.status.name());
            // Writing to a String cannot fail.
            let _infallible =
                write!(text, "{comma}{{\"seat_id\":\"{id}\",\"index\":{index},\"status\":\"{status}\"}}");
        }
        text.push_str("]}");
        Self { version, text: text.into(), binary: Some(binary_changes(version, changes)) }
    }

    /// The binary form alone.
    #[must_use]
    pub fn binary(version: Position, changes: &[SeatChange]) -> Bytes {
        binary_changes(version, changes)
    }
}

type Watched = HashMap<EventNumber, broadcast::Sender<Arc<Frame>>>;

/// The broadcasters of all watched events.
#[derive(Clone, Debug, Default)]
pub struct Broadcasters {
    watched: Arc<Mutex<Watched>>,
}

impl Broadcasters {
    /// Subscribes to the frames of an event from now on. The first viewer starts the event's broadcaster, which ends after the last viewer
    /// has left.
    pub fn join(
        &self,
        ids: &PublicIds,
        event: EventNumber,
        sale: &Arc<SaleHandle>,
    ) -> broadcast::Receiver<Arc<Frame>> {
        let mut watched = self.watched.lock();
        if let Some(frames) = watched.get(&event) {
            return frames.subscribe();
        }
        let (frames, receiver) = broadcast::channel(BACKLOG);
        watched.insert(event, frames);
        drop(watched);
        // Watches from here and not from the start of the task, because the viewer is told its first version in between.
        let mut versions = sale.watch();
        let sent = versions.borrow_and_update().position;
        let broadcaster =
            Broadcaster { broadcasters: self.clone(), ids: ids.clone(), event, sale: sale.clone(), sent };
        tokio::spawn(broadcaster.run(versions));
        receiver
    }

    fn viewers(&self, event: EventNumber) -> usize {
        self.watched.lock().get(&event).map_or(0, broadcast::Sender::receiver_count)
    }

    /// Sends a frame; returns `false` when nobody watches and the broadcaster must end.
    fn send(&self, event: EventNumber, frame: Option<Frame>) -> bool {
        let mut watched = self.watched.lock();
        let Some(frames) = watched.get(&event) else { return false };
        if frames.receiver_count() == 0 {
            watched.remove(&event);
            return false;
        }
        if let Some(frame) = frame {
            // Sending fails if the last viewer has just left; the next tick notices that.
            drop(frames.send(Arc::new(frame)));
        }
        true
    }
}

/// How long changes are gathered for this many viewers: ten times a second for a few, once a second for ten thousand.
fn tick(viewers: usize) -> Duration {
    let viewers = u32::try_from(viewers).unwrap_or(u32::MAX);
    TICK_OF_A_VIEWER.saturating_mul(viewers).clamp(SHORTEST_TICK, LONGEST_TICK)
}

/// Sends frames to the viewers of one event.
struct Broadcaster {
    broadcasters: Broadcasters,
    ids: PublicIds,
    event: EventNumber,
    sale: Arc<SaleHandle>,
    /// The version that the frames sent so far lead to.
    sent: Position,
}

impl Broadcaster {
    async fn run(mut self, mut versions: watch::Receiver<Arc<Published>>) {
        loop {
            let changed = tokio::time::timeout(QUIET, versions.changed()).await;
            let frame = match changed {
                // The sale's task has ended; viewers reconnect to the next one.
                Ok(Err(_)) => break,
                Ok(Ok(())) => {
                    tokio::time::sleep(tick(self.broadcasters.viewers(self.event))).await;
                    versions.mark_unchanged();
                    self.next_frame()
                }
                Err(_quiet) => None,
            };
            if !self.broadcasters.send(self.event, frame) {
                return;
            }
        }
        self.broadcasters.watched.lock().remove(&self.event);
    }

    /// The frame from the sent version to the newest one; `None` when these are equal.
    fn next_frame(&mut self) -> Option<Frame> {
        let changes = Availabilities::changes(&self.sale, self.sent);
        let version =
            changes.as_ref().map_or_else(|| self.sale.published().position, |(version, _)| *version);
        let before = std::mem::replace(&mut self.sent, version);
        let changes = changes.as_ref().map(|(_, changes)| changes.as_slice());
        (version != before).then(|| Frame::new(&self.ids, self.event, version, changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_changes_become_a_reload_and_not_an_empty_list() {
        let ids = PublicIds::new(&[7; 16]);
        let [known, unknown] =
            [Some(&[][..]), None].map(|changes| Frame::new(&ids, EventNumber(1), Position(9), changes));
        assert_eq!((&*known.text, known.binary.is_some()), ("{\"version\":9,\"changes\":[]}", true));
        assert_eq!((&*unknown.text, unknown.binary), ("{\"version\":9,\"reload\":true}", None));
    }

    #[test]
    fn many_viewers_get_updates_less_often() {
        for (viewers, milliseconds) in [
            (0, 100),
            (1, 100),
            (1_000, 100),
            (5_000, 500),
            (10_000, 1_000),
            (50_000, 2_000),
            (usize::MAX, 2_000),
        ] {
            assert_eq!(tick(viewers), Duration::from_millis(milliseconds), "{viewers}");
        }
    }
}
