//! The wall: how far a thing of an incident may go, as a pure table. Every way out (told, shared, printed for somebody)
//! asks here; whatever the answer is refused for is said in one sentence, with who may change it.
//!
//! The levels are those of the Traffic Light Protocol 2.0 (FIRST, 2022). A level that the product does not know counts as
//! the strictest: a pack may leave levels out, and never opens one by a slip of the pen.

use serde::Serialize;
use ungcuu_kit::text;
use ungcuu_kit::text::Text;
use ungcuu_kit::text_enum;

text_enum! {
    /// How far something may go, from anyone to its recipients only.
    pub enum Level {
        Clear = "clear": ("TLP:CLEAR", "TLP:CLEAR"),
        Green = "green": ("TLP:GREEN", "TLP:GREEN"),
        Amber = "amber": ("TLP:AMBER", "TLP:AMBER"),
        AmberStrict = "amber_strict": ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
        Red = "red": ("TLP:RED", "TLP:RED"),
    }
}

/// How near somebody stands to an incident, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Circle {
    /// A unit of ours that takes part in handling it.
    TakesPart,
    /// Another unit of ours.
    Ours,
    /// An outside body that a rule in force names as a recipient, told under that rule.
    Owed,
    /// Another outside body of the register.
    Known,
    /// A name that is not in the register: a citizen, a newspaper, a company.
    Stranger,
}

impl Circle {
    pub const ALL: [Circle; 5] = [Circle::TakesPart, Circle::Ours, Circle::Owed, Circle::Known, Circle::Stranger];

    /// Where a unit of the register stands. `plays`: it takes part in the incident; `owed`: a rule names it.
    pub fn of_unit(outside: bool, plays: bool, owed: bool) -> Circle {
        match (outside, plays, owed) {
            (false, true, _) => Circle::TakesPart,
            (false, false, _) => Circle::Ours,
            (true, _, true) => Circle::Owed,
            (true, _, false) => Circle::Known,
        }
    }
}

impl Level {
    /// The level behind a word of the pack; what is not known is the strictest.
    pub fn of(word: &str) -> Level {
        word.parse().unwrap_or(Level::Red)
    }

    /// The farthest circle that something at this level may reach.
    pub fn reach(self) -> Circle {
        match self {
            Level::Red => Circle::TakesPart,
            // "Own organisation"; the law's own recipients are no choice of ours.
            Level::AmberStrict => Circle::Owed,
            Level::Amber | Level::Green => Circle::Known,
            Level::Clear => Circle::Stranger,
        }
    }
}

/// Whether something at this level may go to this circle.
pub fn may_reach(level: Level, circle: Circle) -> bool {
    circle <= level.reach()
}

/// The strictest level that may go to this circle.
pub fn most_for(circle: Circle) -> Level {
    Level::ALL.iter().copied().filter(|level| may_reach(*level, circle)).max().unwrap_or(Level::Clear)
}

/// The strictest of several words; clear when there are none.
pub fn strictest<'a>(words: impl IntoIterator<Item = &'a str>) -> Level {
    words.into_iter().map(Level::of).max().unwrap_or(Level::Clear)
}

/// Why it does not go there, and who may change that. `name`: the recipient in both languages.
pub fn refusal(level: Level, name: &Text) -> Text {
    let (vi, en) = (&name.vi, &name.en);
    let why = match level {
        Level::Red => text!(
            "TLP:RED không được chuyển ra ngoài các đơn vị đang xử lý sự cố này, nên không gửi được cho {vi}.",
            "TLP:RED does not leave the units that handle this incident, so it cannot go to {en}."
        ),
        Level::AmberStrict => text!(
            "TLP:AMBER+STRICT chỉ lưu hành trong các đơn vị của địa phương và nơi nhận mà quy định bắt buộc, nên không gửi \
             được cho {vi}.",
            "TLP:AMBER+STRICT stays among the locality's units and the recipients that a rule names, so it cannot go to \
             {en}."
        ),
        Level::Amber => text!(
            "TLP:AMBER chỉ dành cho đơn vị có trong danh bạ và cần biết, nên không gửi được cho {vi}.",
            "TLP:AMBER is for units of the register that need to know, so it cannot go to {en}."
        ),
        Level::Green => text!(
            "TLP:GREEN chỉ dành cho mạng lưới ứng cứu, không công khai, nên không gửi được cho {vi}.",
            "TLP:GREEN is for the response community and not public, so it cannot go to {en}."
        ),
        Level::Clear => text!("Không gửi được cho {vi}.", "It cannot go to {en}."),
    };
    let Text { vi, en } = why;
    text!(
        "{vi} Người có quyền chỉ đạo sự cố được hạ mức chia sẻ, kèm lý do.",
        "{en} Those who direct the incident may lower the marking, with a reason."
    )
}

#[cfg(test)]
mod tests {
    use super::{Circle, Level, may_reach, most_for, refusal, strictest};
    use ungcuu_kit::text::Text;

    const LEVELS: [Level; 5] = [Level::Clear, Level::Green, Level::Amber, Level::AmberStrict, Level::Red];

    #[test]
    fn the_wall_is_this_table() {
        let table = [
            (Level::Red, [true, false, false, false, false]),
            (Level::AmberStrict, [true, true, true, false, false]),
            (Level::Amber, [true, true, true, true, false]),
            (Level::Green, [true, true, true, true, false]),
            (Level::Clear, [true, true, true, true, true]),
        ];
        for (level, may) in table {
            assert_eq!(Circle::ALL.map(|circle| may_reach(level, circle)), may, "{level:?}");
        }
    }

    #[test]
    fn nothing_red_ever_goes_to_anybody_outside() {
        let most = Circle::ALL.map(most_for);
        assert_eq!(most, [Level::Red, Level::AmberStrict, Level::AmberStrict, Level::Amber, Level::Clear]);
    }

    #[test]
    fn what_may_go_may_go_nearer_and_at_every_laxer_level() {
        for level in LEVELS {
            for circle in Circle::ALL.into_iter().filter(|circle| may_reach(level, *circle)) {
                assert!(Circle::ALL.into_iter().filter(|nearer| *nearer <= circle).all(|near| may_reach(level, near)));
                assert!(LEVELS.into_iter().filter(|laxer| *laxer <= level).all(|lax| may_reach(lax, circle)));
            }
        }
    }

    #[test]
    fn a_level_nobody_knows_is_the_strictest_and_one_strict_thing_makes_all_of_it_strict() {
        for odd in ["", "RED", "white", "amber+strict", "'; --", "\u{202e}clear"] {
            assert_eq!(Level::of(odd), Level::Red, "{odd}");
        }
        assert_eq!(strictest([]), Level::Clear);
        assert_eq!(strictest(["green", "amber_strict", "clear"]), Level::AmberStrict);
        assert_eq!(strictest(["clear", "purple"]), Level::Red);
    }

    #[test]
    fn an_outside_body_is_never_inside_however_much_it_helps() {
        assert_eq!(Circle::of_unit(true, true, false), Circle::Known);
        assert_eq!(Circle::of_unit(true, true, true), Circle::Owed);
        assert_eq!(Circle::of_unit(false, true, true), Circle::TakesPart);
        assert_eq!(Circle::of_unit(false, false, true), Circle::Ours);
    }

    #[test]
    fn every_refusal_names_the_recipient_and_who_may_change_it_in_both_languages() {
        let name = Text::owned("Báo Đồng Tháp".to_owned(), "the press".to_owned());
        for level in LEVELS {
            let Text { vi, en } = refusal(level, &name);
            assert!(vi.contains("Báo Đồng Tháp") && vi.contains("quyền chỉ đạo"), "{vi}");
            assert!(en.contains("the press") && en.contains("who direct"), "{en}");
        }
    }
}
