//! Cuts a file of rules into its rules, so that each can be compiled, refused or left out by itself.

use std::ops::Range;

use boreal::compiler::generate_description;
use boreal_parser::expression::{
    Expression, ExpressionKind as Kind, ForIterator, ForSelection, IdentifierOperationType,
};
use boreal_parser::file::YaraFileComponent;
use boreal_parser::rule::{MetadataValue, Rule};

use crate::need::Need;
use crate::rules::{Meta, Value};

/// How much of one rule's `meta` is kept, in bytes.
const LARGEST_META: usize = 8 << 10;

/// One rule of a file.
pub struct Piece {
    pub name: String,
    pub tags: Vec<String>,
    pub metas: Vec<Meta>,
    /// Its text in the file.
    pub text: Range<usize>,
    /// The line of its name, from 1.
    pub line: usize,
    pub need: Need,
    /// Rules of the same file that must be there for it: names, and beginnings of names.
    pub uses: Vec<Use>,
    pub private: bool,
    pub global: bool,
}

/// A reference to other rules.
#[derive(Debug, PartialEq, Eq)]
pub enum Use {
    Name(String),
    Beginning(String),
}

impl Use {
    pub fn means(&self, name: &str) -> bool {
        match self {
            Use::Name(used) => used == name,
            Use::Beginning(used) => name.starts_with(used.as_str()),
        }
    }
}

/// A file of rules, cut.
#[derive(Default)]
pub struct Cut {
    pub pieces: Vec<Piece>,
    /// Names of modules, with the line of the import.
    pub imports: Vec<(String, usize)>,
    /// Files that it wants to include, with the line.
    pub includes: Vec<(String, usize)>,
}

/// What is wrong, and in which line.
pub type Fault = (usize, String);

/// Cuts a text.
///
/// # Errors
/// When it does not keep to the grammar.
pub fn cut(text: &str) -> Result<Cut, Fault> {
    let file = match boreal_parser::parse(text) {
        Ok(file) => file,
        Err(error) => return Err(told(&generate_description(&error.to_diagnostic(), "r", text))),
    };
    let lines = Lines::of(text);
    let mut cut = Cut::default();
    let mut end = 0;
    for component in file.components {
        match component {
            YaraFileComponent::Import(import) => {
                end = import.span.end;
                cut.imports.push((import.name, lines.at(import.span.start)));
            }
            YaraFileComponent::Include(include) => {
                end = include.span.end;
                cut.includes.push((include.path, lines.at(include.span.start)));
            }
            YaraFileComponent::Rule(rule) => {
                let start = end;
                end = closing(text, rule.condition.span.end)
                    .ok_or_else(|| (lines.at(rule.name_span.start), "the end of the rule was not found".to_owned()))?;
                cut.pieces.push(piece(&lines, *rule, start..end));
            }
        }
    }
    Ok(cut)
}

fn piece(lines: &Lines, rule: Rule, place: Range<usize>) -> Piece {
    let mut uses = Vec::new();
    references(&rule.condition, &mut uses);
    let mut room = LARGEST_META;
    let mut metas = Vec::new();
    for meta in rule.metadatas {
        let value = match meta.value {
            MetadataValue::Bytes(bytes) => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
            MetadataValue::Integer(number) => Value::Number(number),
            MetadataValue::Boolean(is) => Value::Bool(is),
        };
        let size = meta.name.len() + if let Value::Text(text) = &value { text.len() } else { 8 };
        if let Some(left) = room.checked_sub(size) {
            room = left;
            metas.push(Meta { name: meta.name, value });
        }
    }
    Piece {
        line: lines.at(rule.name_span.start),
        need: Need::of(&rule.condition, &rule.variables),
        name: rule.name,
        tags: rule.tags.into_iter().map(|tag| tag.tag).collect(),
        metas,
        text: place,
        uses,
        private: rule.is_private,
        global: rule.is_global,
    }
}

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The line of a place, from 1.
    fn at(&self, place: usize) -> usize {
        self.0.partition_point(|end| *end < place) + 1
    }
}

/// Where the brace after a condition ends: between them stand blanks and comments only.
fn closing(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        match bytes.get(at)? {
            b'}' => return Some(at + 1),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|byte| *byte == b'\n')?;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += 4 + bytes.get(at + 2..)?.windows(2).position(|pair| pair == b"*/")?;
            }
            b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C => at += 1,
            _ => return None,
        }
    }
}

/// `name:LINE:COLUMN: error: what` of the engine, as line and reason.
pub fn told(description: &str) -> Fault {
    let description = description.lines().next().unwrap_or_default();
    let mut parts = description.splitn(4, ':');
    let line = parts.nth(1).and_then(|line| line.parse().ok());
    match (line, parts.nth(1)) {
        (Some(line), Some(what)) => {
            let what = what.trim();
            (line, what.strip_prefix("error:").unwrap_or(what).trim().to_owned())
        }
        _ => (1, description.to_owned()),
    }
}

/// Which names a condition speaks of. Names of modules and of loops are among them; no rule has them.
fn references(expression: &Expression, uses: &mut Vec<Use>) {
    let mut go = |inner: &Expression| references(inner, uses);
    match &expression.expr {
        Kind::Identifier(identifier) => {
            for operation in &identifier.operations {
                match &operation.op {
                    IdentifierOperationType::Subscript(inner) => references(inner, uses),
                    IdentifierOperationType::FunctionCall(inner) => {
                        inner.iter().for_each(|inner| references(inner, uses));
                    }
                    IdentifierOperationType::Subfield(_) => {}
                }
            }
            uses.push(Use::Name(identifier.name.clone()));
        }
        Kind::ForRules { selection, set } => {
            selected(selection, uses);
            for element in &set.elements {
                let name = element.name.clone();
                uses.push(if element.is_wildcard { Use::Beginning(name) } else { Use::Name(name) });
            }
        }
        Kind::And(list) | Kind::Or(list) => list.iter().for_each(go),
        Kind::Not(one) | Kind::Neg(one) | Kind::BitwiseNot(one) | Kind::Defined(one) => go(one),
        Kind::Matches(one, _) => go(one),
        Kind::ReadInteger { addr, .. } => go(addr),
        Kind::VariableAt { offset, .. } => go(offset),
        Kind::Offset { occurence_number, .. } | Kind::Length { occurence_number, .. } => go(occurence_number),
        Kind::CountInRange { from, to, .. } | Kind::VariableIn { from, to, .. } => {
            go(from);
            go(to);
        }
        Kind::Add(one, two)
        | Kind::Sub(one, two)
        | Kind::Mul(one, two)
        | Kind::Div(one, two)
        | Kind::Mod(one, two)
        | Kind::BitwiseXor(one, two)
        | Kind::BitwiseAnd(one, two)
        | Kind::BitwiseOr(one, two)
        | Kind::ShiftLeft(one, two)
        | Kind::ShiftRight(one, two)
        | Kind::Eq(one, two)
        | Kind::NotEq(one, two)
        | Kind::IEquals(one, two)
        | Kind::Cmp { left: one, right: two, .. }
        | Kind::Contains { haystack: one, needle: two, .. }
        | Kind::StartsWith { expr: one, prefix: two, .. }
        | Kind::EndsWith { expr: one, suffix: two, .. } => {
            go(one);
            go(two);
        }
        Kind::For { selection, body, .. } => {
            selected(selection, uses);
            if let Some(body) = body {
                references(body, uses);
            }
        }
        Kind::ForIn { selection, from, to, .. } => {
            selected(selection, uses);
            references(from, uses);
            references(to, uses);
        }
        Kind::ForAt { selection, offset, .. } => {
            selected(selection, uses);
            references(offset, uses);
        }
        Kind::ForIdentifiers { selection, iterator, body, .. } => {
            selected(selection, uses);
            match iterator {
                ForIterator::Identifier(identifier) => uses.push(Use::Name(identifier.name.clone())),
                ForIterator::Range { from, to } => {
                    references(from, uses);
                    references(to, uses);
                }
                ForIterator::List(list) => list.iter().for_each(|one| references(one, uses)),
            }
            references(body, uses);
        }
        Kind::Filesize
        | Kind::Entrypoint
        | Kind::Integer(_)
        | Kind::Double(_)
        | Kind::Count(_)
        | Kind::Boolean(_)
        | Kind::Variable(_)
        | Kind::Bytes(_)
        | Kind::Regex(_) => {}
    }
}

fn selected(selection: &ForSelection, uses: &mut Vec<Use>) {
    if let ForSelection::Expr { expr, .. } = selection {
        references(expr, uses);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_cut_out_whole() {
        let text = "import \"pe\" // đầu\nprivate rule một_không { condition: true }";
        assert!(cut(text).is_err(), "a name has ASCII letters only");
        let text = "// ứng cứu }\nimport \"pe\"\n\nrule a : x y {\n meta: vi = \"Mã độc\" n = 3\n condition: true /* } */ // }\n}\n/* between */ global private rule b { condition: a and any of (c_*) }";
        let cut = cut(text).unwrap();
        assert_eq!(cut.imports, [("pe".to_owned(), 2)]);
        assert_eq!(cut.pieces.len(), 2);
        let [a, b] = &cut.pieces[..] else { panic!("two rules") };
        assert_eq!((a.name.as_str(), a.line, a.tags.join(" ").as_str()), ("a", 4, "x y"));
        assert_eq!(a.metas[0].value, Value::Text("Mã độc".into()));
        assert!(text[a.text.clone()].ends_with("// }\n}"));
        assert!(text[b.text.clone()].trim_start().starts_with("/* between */ global private rule b"));
        assert_eq!((b.line, b.global, b.private), (8, true, true));
        assert_eq!(b.uses, [Use::Name("a".into()), Use::Beginning("c_".into())]);
    }

    #[test]
    fn a_fault_has_its_line() {
        let (line, reason) = cut("rule a { condition: true }\n\nrule b { condition: }").err().unwrap();
        assert_eq!(line, 3);
        assert!(!reason.is_empty() && !reason.contains("error:"), "{reason}");
    }
}
