//! What the records know, in kinds that any field of any form can take: words, lines, a moment, a number, yes or no, and
//! marks (things that were used, told, found) that tick the options of a form.

use std::collections::HashMap;

use ungcuu_kit::text::{Text, fold};
use ungcuu_kit::time::Time;

use super::model::Answer;
use crate::pack::{FieldType, FormField, FormOption};

/// One thing that is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    Words(String),
    Lines(Vec<String>),
    Moment(Time),
    Number(i64),
    Yes(bool),
    Marks(Vec<Mark>),
}

/// Something that may tick an option: by one of its ids, by what the pack says ticks it, or by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub ids: Vec<String>,
    pub words: String,
}

impl Mark {
    pub fn new(id: impl Into<String>, words: impl Into<String>) -> Mark {
        Mark { ids: vec![id.into()], words: words.into() }
    }
}

/// Everything that is known about an incident, by source key of the pack, with where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: HashMap<&'static str, (Fact, Text)>,
}

impl Facts {
    /// Notes a fact, unless it says nothing.
    pub fn note(&mut self, key: &'static str, fact: Fact, from: &Text) {
        let nothing = match &fact {
            Fact::Words(words) => words.trim().is_empty(),
            Fact::Lines(lines) => lines.is_empty(),
            Fact::Marks(marks) => marks.is_empty(),
            Fact::Moment(_) | Fact::Number(_) | Fact::Yes(_) => false,
        };
        if !nothing {
            self.known.insert(key, (fact, from.clone()));
        }
    }

    /// The same for words.
    pub fn words(&mut self, key: &'static str, words: &str, from: &Text) {
        self.note(key, Fact::Words(words.to_owned()), from);
    }

    pub fn get(&self, key: &str) -> Option<&Fact> {
        self.known.get(key).map(|(fact, _)| fact)
    }

    /// What stands in a field before anyone writes there, and where it comes from.
    pub fn answer(&self, field: &FormField) -> Option<(Answer, Text)> {
        let (fact, from) = self.known.get(field.source.as_deref()?)?;
        let answer = fit(fact, field);
        (!answer.is_empty()).then(|| (answer, from.clone()))
    }
}

/// A fact as the answer to a field; empty where the two do not go together.
fn fit(fact: &Fact, field: &FormField) -> Answer {
    match field.kind {
        FieldType::Text => Answer::one(in_words(fact, "; ").replace('\n', " ")),
        FieldType::Long => Answer::one(in_words(fact, "\n")),
        FieldType::Files => match fact {
            Fact::Lines(lines) => Answer::new(lines.clone()),
            Fact::Words(words) => Answer::new(words.lines().map(str::to_owned)),
            _ => Answer::default(),
        },
        FieldType::Date => at(fact, "%Y-%m-%d"),
        FieldType::Time => at(fact, "%H:%M"),
        FieldType::Moment => at(fact, "%Y-%m-%dT%H:%M"),
        FieldType::YesNo => match fact {
            Fact::Yes(yes) => Answer::one(if *yes { "yes" } else { "no" }),
            _ => Answer::default(),
        },
        FieldType::Integer | FieldType::Money => match fact {
            Fact::Number(number) => Answer::one(number.to_string()),
            _ => Answer::default(),
        },
        FieldType::One | FieldType::Many => {
            let marks = match fact {
                Fact::Marks(marks) => marks.clone(),
                Fact::Words(words) => vec![Mark::new(words.clone(), words.clone())],
                Fact::Lines(lines) => lines.iter().map(|line| Mark::new(line.clone(), line.clone())).collect(),
                Fact::Number(number) => vec![Mark::new(number.to_string(), number.to_string())],
                Fact::Moment(_) | Fact::Yes(_) => Vec::new(),
            };
            tick(&marks, field)
        }
    }
}

fn in_words(fact: &Fact, between: &str) -> String {
    match fact {
        Fact::Words(words) => words.clone(),
        Fact::Lines(lines) => lines.join(between),
        Fact::Moment(time) => time.to_minute(),
        Fact::Number(number) => number.to_string(),
        Fact::Yes(true) => "Có".to_owned(),
        Fact::Yes(false) => "Không".to_owned(),
        Fact::Marks(marks) => marks.iter().map(|mark| mark.words.as_str()).collect::<Vec<_>>().join(between),
    }
}

fn at(fact: &Fact, format: &str) -> Answer {
    match fact {
        Fact::Moment(time) => Answer::one(time.local().strftime(format).to_string()),
        _ => Answer::default(),
    }
}

/// Ticks the options that the marks mean. What no option means goes, in words, to the first option that asks for words.
fn tick(marks: &[Mark], field: &FormField) -> Answer {
    let mut answer = Answer::default();
    let mut others: Vec<&str> = Vec::new();
    for mark in marks {
        match field.options.iter().find(|option| means(option, mark)) {
            Some(option) if answer.has(&option.id) => {}
            Some(option) => answer.values.push(option.id.clone()),
            None if others.contains(&mark.words.as_str()) => {}
            None => others.push(&mark.words),
        }
    }
    if !others.is_empty()
        && let Some(open) = field.options.iter().find(|option| option.free_text)
    {
        if !answer.has(&open.id) {
            answer.values.push(open.id.clone());
        }
        answer.words.insert(open.id.clone(), others.join("; "));
    }
    // In the order of the form, however the records happen to be sorted.
    let place = |id: &String| field.options.iter().position(|option| option.id == *id);
    answer.values.sort_by_key(place);
    if field.kind == FieldType::One {
        answer.values.truncate(1);
        let kept = answer.values.clone();
        answer.words.retain(|id, _| kept.contains(id));
    }
    answer
}

fn means(option: &FormOption, mark: &Mark) -> bool {
    let by_id = mark.ids.iter().any(|id| option.id == *id || option.from.contains(id));
    by_id || fold(&option.label.vi) == fold(&mark.words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    fn field(id: &str) -> FormField {
        let pack = Pack::embedded("cao-lanh-2021-2025").expect("a shipped pack").expect("a sound pack");
        pack.form("mau-03").and_then(|form| form.field(id)).expect("a field of the form").clone()
    }

    fn noted(fact: Fact, field: &FormField) -> Answer {
        fit(&fact, field)
    }

    #[test]
    fn a_moment_fills_a_day_a_time_and_a_moment_alike() {
        let moment = Fact::Moment(Time::parse("05/03/2023 08:07").expect("a moment"));
        assert_eq!(noted(moment.clone(), &field("detected_on")).first(), "2023-03-05");
        assert_eq!(noted(moment.clone(), &field("detected_at")).first(), "08:07");
        assert_eq!(noted(moment, &field("reported_at")).first(), "2023-03-05T08:07");
    }

    #[test]
    fn a_mark_ticks_by_id_by_the_packs_word_or_by_name_and_the_rest_becomes_words() {
        let marks = vec![
            Mark::new("chu_quan", "UBND Huyện"),
            Mark::new("x", "cơ quan điều phối"),
            Mark::new("bao", "Báo Đồng Tháp"),
        ];
        let answer = noted(Fact::Marks(marks), &field("notified_parties"));
        assert_eq!(answer.values, ["coordinator", "owner", "other"]);
        assert_eq!(answer.words["other"], "Báo Đồng Tháp");
    }

    #[test]
    fn one_of_several_takes_one() {
        let marks = vec![Mark::new("3", "3"), Mark::new("2", "2")];
        assert_eq!(noted(Fact::Marks(marks), &field("system_level")).values, ["2"]);
        assert_eq!(noted(Fact::Number(4), &field("system_level")).values, ["4"]);
        assert!(noted(Fact::Number(9), &field("system_level")).is_empty());
    }
}
