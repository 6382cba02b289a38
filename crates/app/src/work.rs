//! One transaction, who, and when. [`Look`] reads; [`Work`] changes, and commits data, journal and notices together or
//! not at all.

use std::collections::BTreeSet;

use ungcuu_kit::db::Tx;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;

use crate::actor::Actor;
use crate::app::App;
use crate::deadline::settle::settle;
use crate::journal;
use crate::web::Done;

/// A consistent look at the records.
pub struct Look {
    pub tx: Tx,
    pub actor: Actor,
    pub now: Time,
    pub app: App,
}

/// A change in the making. Dropped without commit, it never happened.
pub struct Work {
    pub tx: Tx,
    pub actor: Actor,
    pub now: Time,
    pub app: App,
    entries: Vec<journal::NewEntry>,
    /// Streams whose deadlines are to be settled although no entry names them.
    touched: BTreeSet<String>,
}

impl Work {
    pub(crate) fn new(tx: Tx, actor: Actor, now: Time, app: App) -> Work {
        Work { tx, actor, now, app, entries: Vec::new(), touched: BTreeSet::new() }
    }

    /// Holds a stream until this work is over: whoever else writes or settles there comes before or after.
    pub async fn hold(&mut self, stream: &str) -> Result<()> {
        journal::hold(&mut self.tx, stream, self.now).await
    }

    /// Has the deadlines of a stream settled with this work, whether or not anything else happens there.
    pub fn touch(&mut self, stream: &str) {
        self.touched.insert(stream.to_owned());
    }

    /// Notes in the journal what is being done. `rows` names every row this act changes; their fingerprints are taken
    /// when the work is committed.
    pub fn record(&mut self, stream: &str, act: &'static str, what: Text, rows: &[(&'static str, &str)]) {
        self.entries.push(journal::NewEntry {
            stream: stream.to_owned(),
            act,
            what,
            rows: rows.iter().map(|(table, id)| (*table, (*id).to_owned())).collect(),
        });
    }

    /// Makes it so. Fails when a journalled table was changed that no entry names.
    pub async fn commit(mut self) -> Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        settle(&mut self.tx, &self.app, self.now, &self.touched, &mut entries).await?;
        let rows = entries.iter().flat_map(|entry| entry.rows.iter().cloned()).collect();
        crate::search::enqueue(&mut self.tx, &self.app, self.now, &rows).await?;
        let changes = journal::append(&mut self.tx, &self.app, &self.actor, self.now, entries).await?;
        self.tx.commit().await?;
        for change in changes {
            self.app.live.announce(change);
        }
        Ok(())
    }

    /// Makes it so and sends the reader to a page.
    pub async fn done(self, to: impl Into<String>) -> Result<Done> {
        self.commit().await?;
        Ok(Done::to(to))
    }
}
