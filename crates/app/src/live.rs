//! Tells open pages that something changed. Within this process at once; between several processes on one PostgreSQL
//! within a second, by looking at the journal's streams.

use tokio::sync::broadcast;
use ungcuu_kit::time::Time;

/// One more entry in a stream of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub stream: String,
    pub seq: i64,
    pub actor_id: String,
    pub at: Time,
}

/// Where changes are announced.
#[derive(Clone, Debug)]
pub struct Live {
    sender: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Live { sender: broadcast::channel(1024).0 }
    }
}

impl Live {
    /// Says it to whoever listens; nobody listening is fine.
    pub fn announce(&self, change: Change) {
        let _ = self.sender.send(change);
    }

    /// Listens for the product itself; does not count as an open page.
    pub fn listen_quietly(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// Whether any page is open, so that nobody polls for nobody.
    pub fn listened_to(&self) -> bool {
        self.sender.receiver_count() > 0
    }
}
