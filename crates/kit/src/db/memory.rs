//! What was worked out of the records and holds as long as they stay as they are: kept with the version it was worked out
//! from, and only good for whoever reads the same version. It cannot be stale, whatever another process writes.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Tx;

/// One value under each name. Shared by all who use the database in this process.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<HashMap<&'static str, Kept>>>);

#[derive(Debug)]
struct Kept {
    version: String,
    value: Arc<dyn Any + Send + Sync>,
}

impl Tx {
    /// What was kept under this name, if it was worked out from this version. Never within a change, which may have
    /// altered the records already.
    pub fn recall<T: Any + Send + Sync>(&self, name: &'static str, version: &str) -> Option<Arc<T>> {
        if self.changes {
            return None;
        }
        let memory = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = memory.get(name).filter(|kept| kept.version == version)?;
        kept.value.clone().downcast().ok()
    }

    /// Keeps a value for those who will read the same version. The version must change with everything the value was
    /// worked out from: the hash of a journal's head does.
    pub fn keep<T: Any + Send + Sync>(&self, name: &'static str, version: &str, value: &Arc<T>) {
        if self.changes {
            return;
        }
        let kept = Kept { version: version.to_owned(), value: value.clone() };
        self.memory.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, kept);
    }
}
