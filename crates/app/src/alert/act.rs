//! What can be done with an alert in which state: one table decides, pages draw their buttons from it.

use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

use crate::page::Page;
use crate::ui::Tone;

text_enum! {
    /// What has become of an alert.
    pub enum AlertStatus {
        New = "new": ("Chờ tiếp nhận", "Waiting"),
        Taken = "taken": ("Đang xem xét", "Being looked at"),
        Verified = "verified": ("Đã xác minh", "Verified"),
        Opened = "opened": ("Đã mở sự cố", "Incident opened"),
        Merged = "merged": ("Đã gộp", "Merged"),
        Dismissed = "dismissed": ("Đã bỏ qua", "Dismissed"),
    }
}

impl AlertStatus {
    /// Somebody still has to decide.
    pub fn is_open(self) -> bool {
        matches!(self, AlertStatus::New | AlertStatus::Taken | AlertStatus::Verified)
    }

    /// What people read, in the language of the page.
    pub fn say(self, page: &Page) -> String {
        page.say(&self.label())
    }

    pub fn tone(self) -> Tone {
        match self {
            AlertStatus::New => Tone::Watch,
            AlertStatus::Taken => Tone::Active,
            AlertStatus::Verified | AlertStatus::Opened => Tone::Good,
            AlertStatus::Merged | AlertStatus::Dismissed => Tone::Quiet,
        }
    }
}

/// What an officer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Take,
    Release,
    Verify,
    Dismiss,
    Merge,
    /// Open an incident from it, or join one.
    Open,
    /// Back into the queue after a wrong dismissal or merge.
    Restore,
}

impl AlertStatus {
    /// Where an act leads, or why it cannot be done now.
    pub fn after(self, act: Act) -> Result<AlertStatus, Text> {
        use AlertStatus::{Dismissed, Merged, New, Opened, Taken, Verified};
        match (self, act) {
            (New | Taken, Act::Take) => Ok(Taken),
            (Verified, Act::Take | Act::Release) => Ok(Verified),
            (Taken, Act::Release) => Ok(New),
            (New | Taken, Act::Verify) => Ok(Verified),
            (New | Taken | Verified, Act::Dismiss) => Ok(Dismissed),
            (New | Taken | Verified, Act::Merge) => Ok(Merged),
            (New | Taken | Verified, Act::Open) => Ok(Opened),
            (Dismissed | Merged, Act::Restore) => Ok(Taken),
            (Opened, _) => Err(Text::new("Tin này đã thành sự cố.", "This alert has become an incident.")),
            (Merged, _) => Err(Text::new("Tin này đã gộp vào tin khác.", "This alert was merged into another.")),
            (Dismissed, _) => Err(Text::new(
                "Tin này đã bỏ qua. Muốn xử lý tiếp, hãy đưa lại vào hàng chờ.",
                "This alert was dismissed. Put it back into the queue first.",
            )),
            (Verified, Act::Verify) => Err(Text::new("Tin này đã xác minh rồi.", "This alert is verified already.")),
            (New, Act::Release) => Err(Text::new("Chưa có ai nhận tin này.", "Nobody has taken this alert.")),
            (New | Taken | Verified, Act::Restore) => {
                Err(Text::new("Tin này vẫn đang trong hàng chờ.", "This alert is in the queue."))
            }
        }
    }

    pub fn may(self, act: Act) -> bool {
        self.after(act).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_alert_can_be_decided_and_only_a_wrong_end_taken_back() {
        for status in AlertStatus::ALL {
            for act in [Act::Dismiss, Act::Merge, Act::Open] {
                assert_eq!(status.may(act), status.is_open(), "{status} {act:?}");
            }
        }
        assert!(AlertStatus::Dismissed.may(Act::Restore) && AlertStatus::Merged.may(Act::Restore));
        assert!(!AlertStatus::Opened.may(Act::Restore), "the incident holds it");
        assert!(!AlertStatus::New.may(Act::Release));
    }
}
