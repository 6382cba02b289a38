//! Evidence from hand to hand. Every act with an item is written down with who, where, when and why; what the acts add up
//! to ([`Custody`]) says at every moment who holds it, or between whom it is on its way. An act is never changed: a wrong
//! one is followed by a right one.

pub(super) mod actions;
pub(super) mod form;
mod gate;
pub(super) mod pages;
pub(super) mod record;
pub(super) mod store;
pub(super) mod waiting;

use schemars::JsonSchema;
use serde::Serialize;
use ungcuu_kit::text::Text;
use ungcuu_kit::time::Time;
use ungcuu_kit::{id_type, text, text_enum};

use crate::org::{PersonId, UnitId};

id_type!(
    /// An act of custody.
    CustodyActId, "cua"
);
id_type!(
    /// A picture or signed paper that belongs to an act of custody.
    CustodyPhotoId, "cup"
);

text_enum! {
    /// What can be done with an item.
    pub enum ActKind {
        Collect = "collect": ("Thu thập", "Collected"),
        Seal = "seal": ("Niêm phong", "Sealed"),
        Unseal = "unseal": ("Mở niêm phong", "Seal opened"),
        Copy = "copy": ("Sao chép", "Copied"),
        Examine = "examine": ("Phân tích, giám định", "Examined"),
        HandOver = "hand_over": ("Bàn giao", "Handed over"),
        Receive = "receive": ("Nhận bàn giao", "Received"),
        Refuse = "refuse": ("Từ chối nhận", "Refused"),
        Withdraw = "withdraw": ("Rút lại bàn giao", "Taken back"),
        Return = "return": ("Trả lại", "Returned"),
        Destroy = "destroy": ("Tiêu huỷ", "Destroyed"),
    }
}

text_enum! {
    /// What the acts with an item add up to, in a word.
    pub enum CustodyState {
        None = "none": ("chưa ghi người giữ", "holder not recorded"),
        Held = "held": ("đang giữ", "held"),
        Pending = "pending": ("đang bàn giao", "being handed over"),
        Returned = "returned": ("đã trả lại", "returned"),
        Destroyed = "destroyed": ("đã tiêu huỷ", "destroyed"),
    }
}

/// One act with one item, as it was written down.
#[derive(Clone, Debug, Serialize, JsonSchema, sqlx::FromRow)]
pub struct Act {
    pub id: CustodyActId,
    /// Counted from 1 within the item.
    pub number: i64,
    pub kind: ActKind,
    pub happened_at: Time,
    pub recorded_at: Time,
    pub recorded_by: String,
    #[serde(skip)]
    pub recorder_id: String,
    /// Who did it, and the unit they did it for.
    pub person: String,
    pub unit: String,
    /// To whom; empty for acts of one side.
    pub to_person: String,
    pub to_person_id: Option<PersonId>,
    pub to_unit: String,
    pub to_unit_id: Option<UnitId>,
    pub reason: String,
    /// The number of the seal that was put on, or found.
    pub seal: String,
    pub place: String,
}

/// Somebody who holds or receives: a person, their unit, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    pub person: String,
    pub person_id: Option<PersonId>,
    pub unit: String,
    pub unit_id: Option<UnitId>,
}

/// What the acts with an item add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Custody {
    /// No act was written down: an item from before there were any.
    Unknown,
    Held {
        by: Party,
        /// The number of the seal; empty while it is open.
        seal: String,
    },
    /// Given by one side, neither received nor refused by the other. Until then the giver answers for it.
    Pending {
        from: Party,
        to: Party,
        since: Time,
        /// The account that wrote the giving down.
        giver: String,
        seal: String,
    },
    /// Back with whom it belongs to.
    Returned {
        to: Party,
    },
    Destroyed,
}

impl Custody {
    /// What these acts, in their order, add up to.
    pub fn of<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Custody {
        // What is stored was allowed when it was stored; an act that is not changes nothing.
        acts.into_iter().fold(Custody::Unknown, |now, act| now.after(act).unwrap_or(now))
    }

    /// What it is after one more act, or why the act is not possible now.
    pub fn after(&self, act: &Act) -> Result<Custody, Text> {
        use ActKind::*;
        let doer = || Party { person: act.person.clone(), unit: act.unit.clone(), ..Party::default() };
        let receiver = || Party {
            person: act.to_person.clone(),
            person_id: act.to_person_id.clone(),
            unit: act.to_unit.clone(),
            unit_id: act.to_unit_id.clone(),
        };
        match (self, act.kind) {
            (Custody::Destroyed, _) => Err(Text::new(
                "Chứng cứ này đã tiêu huỷ, không ghi thêm việc nào được.",
                "This item was destroyed; nothing more can be done with it.",
            )),
            (Custody::Unknown | Custody::Returned { .. }, Collect) => {
                Ok(Custody::Held { by: doer(), seal: String::new() })
            }
            (Custody::Unknown, _) => Err(Text::new(
                "Hãy ghi việc thu thập trước: ai đang giữ, từ khi nào.",
                "Write down the collection first: who holds it, since when.",
            )),
            (Custody::Returned { .. }, _) => Err(Text::new(
                "Chứng cứ này đã trả lại. Nếu thu lại, hãy ghi việc thu thập.",
                "This item was returned. If it was taken again, write down the collection.",
            )),
            (Custody::Pending { to, seal, .. }, Receive) => {
                // Whoever signs for it holds it; the unit is the one it was given to.
                let by = Party { person: act.person.clone(), person_id: None, ..to.clone() };
                Ok(Custody::Held { by, seal: seal.clone() })
            }
            (Custody::Pending { from, seal, .. }, Refuse | Withdraw) => {
                Ok(Custody::Held { by: from.clone(), seal: seal.clone() })
            }
            (Custody::Pending { to, .. }, _) => {
                let who = to.name();
                Err(text!(
                    "Chứng cứ đang bàn giao cho {who}; phải được nhận, từ chối hoặc rút lại trước.",
                    "The item is being handed over to {who}; it must be received, refused or taken back first."
                ))
            }
            (Custody::Held { .. }, Receive | Refuse | Withdraw) => {
                Err(Text::new("Không có bàn giao nào đang chờ.", "There is no hand-over to be answered."))
            }
            (Custody::Held { .. }, Collect) => {
                Err(Text::new("Việc thu thập đã được ghi.", "The collection was written down already."))
            }
            (Custody::Held { by, seal }, Seal) if seal.is_empty() => {
                Ok(Custody::Held { by: by.clone(), seal: act.seal.clone() })
            }
            (Custody::Held { seal, .. }, Seal) => Err(text!(
                "Đang niêm phong số {seal}. Muốn thay, hãy ghi mở niêm phong trước.",
                "Sealed with no. {seal} already. To replace it, write down its opening first."
            )),
            (Custody::Held { by, seal }, Unseal) if !seal.is_empty() => {
                Ok(Custody::Held { by: by.clone(), seal: String::new() })
            }
            (Custody::Held { .. }, Unseal) => Err(Text::new("Chứng cứ không niêm phong.", "The item is not sealed.")),
            (Custody::Held { seal, .. }, Copy | Examine) if !seal.is_empty() => Err(text!(
                "Đang niêm phong số {seal}. Hãy ghi mở niêm phong trước khi sao chép, phân tích.",
                "Sealed with no. {seal}. Write down the opening of the seal before it is copied or examined."
            )),
            (Custody::Held { .. }, Copy | Examine) => Ok(self.clone()),
            (Custody::Held { by, seal }, HandOver) => Ok(Custody::Pending {
                from: by.clone(),
                to: receiver(),
                since: act.happened_at,
                giver: act.recorder_id.clone(),
                seal: seal.clone(),
            }),
            (Custody::Held { .. }, Return) => Ok(Custody::Returned { to: receiver() }),
            (Custody::Held { .. }, Destroy) => Ok(Custody::Destroyed),
        }
    }

    /// The acts that are possible now, in the order in which people look for them. Destroying has its own way.
    pub fn possible(&self) -> Vec<ActKind> {
        use ActKind::*;
        match self {
            Custody::Unknown | Custody::Returned { .. } => vec![Collect],
            Custody::Held { seal, .. } if seal.is_empty() => vec![Seal, HandOver, Copy, Examine, Return],
            Custody::Held { .. } => vec![HandOver, Unseal, Return],
            Custody::Pending { .. } => vec![Receive, Refuse, Withdraw],
            Custody::Destroyed => Vec::new(),
        }
    }

    pub fn state(&self) -> CustodyState {
        match self {
            Custody::Unknown => CustodyState::None,
            Custody::Held { .. } => CustodyState::Held,
            Custody::Pending { .. } => CustodyState::Pending,
            Custody::Returned { .. } => CustodyState::Returned,
            Custody::Destroyed => CustodyState::Destroyed,
        }
    }

    /// Who holds it; nobody while it is on its way between two, before the first act and after the last.
    pub fn holder(&self) -> Option<&Party> {
        match self {
            Custody::Held { by, .. } => Some(by),
            Custody::Returned { to } => Some(to),
            _ => None,
        }
    }

    /// Who answers for it: the holder, or the giver until the other side has received it.
    pub fn answers(&self) -> Option<&Party> {
        match self {
            Custody::Pending { from, .. } => Some(from),
            _ => self.holder(),
        }
    }

    /// To whom it is on its way.
    pub fn offered(&self) -> Option<(&Party, Time)> {
        match self {
            Custody::Pending { to, since, .. } => Some((to, *since)),
            _ => None,
        }
    }

    /// The number of the seal; empty while it is open.
    pub fn seal(&self) -> &str {
        match self {
            Custody::Held { seal, .. } | Custody::Pending { seal, .. } => seal,
            _ => "",
        }
    }
}

impl Party {
    /// "Trần Thị Hoa – UBND xã Ba Sao"; one alone when there is no other.
    pub fn name(&self) -> String {
        let parts: Vec<&str> = [self.person.as_str(), &self.unit].into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" – ")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn act(kind: ActKind, number: i64) -> Act {
        Act {
            id: CustodyActId::default(),
            number,
            kind,
            happened_at: Time(number),
            recorded_at: Time(number),
            recorded_by: "Lan".to_owned(),
            recorder_id: "acc_1".to_owned(),
            person: format!("Người {number}"),
            unit: format!("Đơn vị {number}"),
            to_person: format!("Bên nhận {number}"),
            to_person_id: None,
            to_unit: "Tổ".to_owned(),
            to_unit_id: None,
            reason: "vì".to_owned(),
            seal: "0117".to_owned(),
            place: String::new(),
        }
    }

    fn played(kinds: &[ActKind]) -> Custody {
        let acts: Vec<Act> = (1..).zip(kinds).map(|(number, kind)| act(*kind, number)).collect();
        Custody::of(&acts)
    }

    #[test]
    fn a_thing_goes_from_hand_to_hand_only_when_the_other_side_takes_it() {
        use ActKind::*;
        let given = played(&[Collect, Seal, HandOver]);
        assert_eq!((given.state(), given.holder(), given.seal()), (CustodyState::Pending, None, "0117"));
        assert_eq!(given.answers().expect("the giver").person, "Người 1");
        let taken = played(&[Collect, Seal, HandOver, Receive]);
        assert_eq!(taken.holder().expect("the receiver").name(), "Người 4 – Tổ");
        assert_eq!(taken.seal(), "0117", "a seal stays on it from hand to hand");
        for back in [Refuse, Withdraw] {
            assert_eq!(played(&[Collect, HandOver, back]).holder().expect("the giver").person, "Người 1");
        }
        assert!(taken.after(&act(Examine, 5)).is_err(), "not behind a seal");
        assert!(played(&[Collect, Return]).after(&act(HandOver, 3)).is_err());
    }

    proptest! {
        /// However people press the buttons: after the first act there is exactly one holder or one hand-over under way,
        /// until the item is destroyed; then nothing moves any more.
        #[test]
        fn at_every_moment_one_holds_it_or_it_is_on_its_way(
            kinds in proptest::collection::vec(proptest::sample::select(ActKind::ALL), 0..40),
        ) {
            let mut now = Custody::Unknown;
            for (number, kind) in (1..).zip(kinds) {
                let act = act(kind, number);
                let after = now.after(&act);
                let offered = now.possible();
                prop_assert_eq!(
                    after.is_ok(),
                    offered.contains(&kind) || (kind == ActKind::Destroy && now.state() == CustodyState::Held),
                    "{:?} from {:?}", kind, now
                );
                if now == Custody::Destroyed {
                    prop_assert!(after.is_err());
                }
                now = after.unwrap_or(now);
                match now.state() {
                    CustodyState::None => prop_assert!(now.holder().is_none() && now.offered().is_none()),
                    CustodyState::Destroyed => prop_assert!(now.holder().is_none() && now.offered().is_none()),
                    _ => prop_assert!(now.holder().is_some() != now.offered().is_some()),
                }
                prop_assert_eq!(now.answers().is_some(), !matches!(now, Custody::Unknown | Custody::Destroyed));
            }
        }
    }
}
