//! A part or a field of a form moved by one place, as a button beside it asks. The same press saves what was typed.

use ungcuu_kit::text::{Lang, Text, Words};

use crate::pack::Form;
use crate::report::fill::Posted;

/// What was moved.
pub struct Moved {
    /// Where it stands on the page.
    pub anchor: String,
    pub told: Text,
}

/// Moves what the pressed button names: `f.{field}.up`, `f.{field}.down`, `s.{part}.up`, `s.{part}.down`. None when no such
/// button was pressed, when it is gone meanwhile, and when it stands at the end already.
pub fn shift(typed: &Posted, form: &mut Form) -> Option<Moved> {
    let pressed = typed.first("move");
    let (kind, rest) = pressed.as_str().split_once('.')?;
    let (id, way) = rest.rsplit_once('.')?;
    let up = match way {
        "up" => true,
        "down" => false,
        _ => return None,
    };
    let label: Words = match kind {
        "s" => {
            let at = form.sections.iter().position(|section| section.id == id)?;
            let to = neighbour(at, form.sections.len(), up)?;
            form.sections.swap(at, to);
            form.sections.get(to)?.title.clone()
        }
        "f" => {
            let has = |section: &&mut crate::pack::FormSection| section.fields.iter().any(|field| field.id == id);
            let section = form.sections.iter_mut().find(has)?;
            let at = section.fields.iter().position(|field| field.id == id)?;
            let to = neighbour(at, section.fields.len(), up)?;
            section.fields.swap(at, to);
            section.fields.get(to)?.label.clone()
        }
        _ => return None,
    };
    let (vi, en) = (&label.vi, label.get(Lang::En));
    let told = match up {
        true => ungcuu_kit::text!("chuyển “{vi}” lên", "moved “{en}” up"),
        false => ungcuu_kit::text!("chuyển “{vi}” xuống", "moved “{en}” down"),
    };
    Some(Moved { anchor: anchor(kind, id), told })
}

/// The id of a part (`s`) or a field (`f`) on the page.
pub fn anchor(kind: &str, id: &str) -> String {
    format!("at-{kind}-{id}")
}

fn neighbour(at: usize, count: usize, up: bool) -> Option<usize> {
    let to = if up { at.checked_sub(1)? } else { at + 1 };
    (to < count).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn pressed(button: &str) -> Posted {
        let mut posted = Posted::default();
        posted.0.entry("move".to_owned()).or_default().push(button.to_owned());
        posted
    }

    #[test]
    fn a_press_moves_by_one_place_and_never_over_the_end() {
        let pack = Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack");
        let before = pack.form("mau-03").expect("a form");
        let ids = |form: &Form| -> Vec<String> {
            let contact = form.sections.iter().find(|section| section.id == "contact").expect("a part");
            contact.fields.iter().map(|field| field.id.clone()).collect()
        };
        let (all, mut form) = (ids(before), before.clone());
        let moved = shift(&pressed(&format!("f.{}.up", all[1])), &mut form).expect("moved");
        assert_eq!(moved.anchor, format!("at-f-{}", all[1]));
        assert!(moved.told.vi.starts_with("chuyển “") && moved.told.vi.ends_with("” lên"), "{}", moved.told.vi);
        assert_eq!(ids(&form)[..2], [all[1].clone(), all[0].clone()]);
        shift(&pressed(&format!("f.{}.down", all[1])), &mut form).expect("moved back");
        assert_eq!(ids(&form), all);
        let parts: Vec<String> = form.sections.iter().map(|section| section.id.clone()).collect();
        shift(&pressed(&format!("s.{}.down", parts[0])), &mut form).expect("moved");
        assert_eq!(form.sections[1].id, parts[0]);
        let before = form.clone();
        let (first, last) = (&form.sections[0].id.clone(), &form.sections.last().expect("a part").id.clone());
        for odd in [
            format!("s.{first}.up"),
            format!("s.{last}.down"),
            "f.gone.up".to_owned(),
            "f.contact_name.sideways".to_owned(),
            "x.contact_name.up".to_owned(),
            "up".to_owned(),
            String::new(),
        ] {
            assert!(shift(&pressed(&odd), &mut form).is_none(), "{odd}");
        }
        assert_eq!(form.fields().count(), before.fields().count());
    }
}
