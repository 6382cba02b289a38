//! What a file must be for a rule to match it at all, read out of the rule's condition: how it begins, how large it is.
//! Only what is certain is taken; a rule about which nothing is certain is tried on every file.

use boreal_parser::expression::{Expression, ExpressionKind, ReadIntegerType};
use boreal_parser::hex_string::Token;
use boreal_parser::rule::{VariableDeclaration, VariableDeclarationValue};
use serde::{Deserialize, Serialize};

/// How many beginnings a rule may name before it is tried on every file.
const MOST_HEADS: usize = 16;

/// How far from the beginning of a file bytes still count as its beginning. Some formats carry their mark late (tar: 257).
const FARTHEST: u64 = 1_024;

/// How many bytes of a beginning tell files apart; two are enough for nearly all, and fewer kinds are fewer searches.
const TELLING: usize = 2;

/// Bytes that stand at a place of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Head {
    /// Where, in bytes from the beginning.
    pub offset: u32,
    /// What stands there.
    pub bytes: Vec<u8>,
}

impl Head {
    /// Whether a file has them.
    pub fn holds(&self, file: &[u8]) -> bool {
        file.get(self.offset as usize..).is_some_and(|rest| rest.starts_with(&self.bytes))
    }

    /// The same, asking for no more than what tells kinds of files apart.
    pub fn shortened(&self) -> Head {
        Head { offset: self.offset, bytes: self.bytes[..self.bytes.len().min(TELLING)].to_vec() }
    }
}

/// What must be so for a rule to match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// One of these must stand in the file; `None`: anything may.
    pub heads: Option<Vec<Head>>,
    /// The largest file that can match, in bytes.
    pub most: Option<u64>,
}

impl Need {
    /// What a condition asks of a file.
    pub fn of(condition: &Expression, variables: &[VariableDeclaration]) -> Need {
        match &condition.expr {
            ExpressionKind::And(parts) => {
                parts.iter().map(|part| Need::of(part, variables)).fold(Need::default(), Need::and)
            }
            ExpressionKind::Or(parts) => {
                parts.iter().map(|part| Need::of(part, variables)).reduce(Need::or).unwrap_or_default()
            }
            ExpressionKind::Eq(left, right) => Need::head(equal(left, right).or_else(|| equal(right, left))),
            ExpressionKind::Cmp { left, right, less_than, can_be_equal } => {
                let (size, number) = if *less_than { (left, right) } else { (right, left) };
                match (&size.expr, &number.expr) {
                    (ExpressionKind::Filesize, ExpressionKind::Integer(most)) => {
                        let most = most.saturating_sub(i64::from(!can_be_equal));
                        Need { heads: None, most: Some(most.max(0).unsigned_abs()) }
                    }
                    _ => Need::default(),
                }
            }
            ExpressionKind::VariableAt { variable_name, offset, .. } => {
                let variable = variables.iter().find(|variable| variable.name == *variable_name);
                Need::head(variable.and_then(|variable| at(variable, offset)))
            }
            _ => Need::default(),
        }
    }

    fn head(head: Option<Head>) -> Need {
        Need { heads: head.map(|head| vec![head]), most: None }
    }

    fn and(self, other: Need) -> Need {
        let telling = |heads: &Vec<Head>| {
            let bytes = heads.iter().map(|head| head.bytes.len()).min().unwrap_or(0);
            let late = heads.iter().map(|head| head.offset).max().unwrap_or(0);
            (bytes.min(TELLING) < TELLING, late, heads.len(), usize::MAX - bytes)
        };
        let heads = match (self.heads, other.heads) {
            (Some(one), Some(two)) => Some(if telling(&two) < telling(&one) { two } else { one }),
            (one, two) => one.or(two),
        };
        let most = match (self.most, other.most) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Need { heads, most }
    }

    fn or(self, other: Need) -> Need {
        let heads = match (self.heads, other.heads) {
            (Some(mut one), Some(two)) => {
                one.extend(two);
                one.sort();
                one.dedup();
                (one.len() <= MOST_HEADS).then_some(one)
            }
            _ => None,
        };
        let most = self.most.zip(other.most).map(|(one, two)| one.max(two));
        Need { heads, most }
    }
}

/// `uint16(0) == 0x5A4D` and its like.
fn equal(read: &Expression, number: &Expression) -> Option<Head> {
    let (ExpressionKind::ReadInteger { ty, addr }, ExpressionKind::Integer(number)) = (&read.expr, &number.expr) else {
        return None;
    };
    let bytes = match ty {
        ReadIntegerType::Uint8 => vec![u8::try_from(*number).ok()?],
        ReadIntegerType::Uint16 => u16::try_from(*number).ok()?.to_le_bytes().to_vec(),
        ReadIntegerType::Uint16BE => u16::try_from(*number).ok()?.to_be_bytes().to_vec(),
        ReadIntegerType::Uint32 => u32::try_from(*number).ok()?.to_le_bytes().to_vec(),
        ReadIntegerType::Uint32BE => u32::try_from(*number).ok()?.to_be_bytes().to_vec(),
        _ => return None,
    };
    Some(Head { offset: place(addr)?, bytes })
}

/// `$mark at 0`, when the mark is written out.
fn at(variable: &VariableDeclaration, offset: &Expression) -> Option<Head> {
    let modifiers = &variable.modifiers;
    if modifiers.wide || modifiers.nocase || modifiers.xor.is_some() || modifiers.base64.is_some() {
        return None;
    }
    let bytes: Vec<u8> = match &variable.value {
        VariableDeclarationValue::Bytes(bytes) => bytes.iter().copied().take(4).collect(),
        VariableDeclarationValue::HexString(tokens) => tokens
            .iter()
            .map_while(|token| if let Token::Byte(byte) = token { Some(*byte) } else { None })
            .take(4)
            .collect(),
        VariableDeclarationValue::Regex(_) => return None,
    };
    if bytes.is_empty() {
        return None;
    }
    Some(Head { offset: place(offset)?, bytes })
}

fn place(offset: &Expression) -> Option<u32> {
    match offset.expr {
        ExpressionKind::Integer(offset) => u32::try_from(offset).ok().filter(|offset| u64::from(*offset) <= FARTHEST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use boreal_parser::file::YaraFileComponent;

    use super::*;

    fn need(condition: &str) -> Need {
        let text = format!(
            "rule r {{ strings: $a = \"#!/bin\" $b = {{ 50 4B ?? 04 }} $c = \"x\" nocase condition: {condition} }}"
        );
        let file = boreal_parser::parse(&text).unwrap();
        let YaraFileComponent::Rule(rule) = &file.components[0] else { panic!("a rule") };
        Need::of(&rule.condition, &rule.variables)
    }

    fn heads(condition: &str) -> Option<Vec<(u32, Vec<u8>)>> {
        need(condition).heads.map(|heads| heads.into_iter().map(|head| (head.offset, head.bytes)).collect())
    }

    #[test]
    fn a_beginning_is_read_in_every_spelling() {
        let program = Some(vec![(0, b"MZ".to_vec())]);
        assert_eq!(heads("uint16(0) == 0x5A4D and all of them"), program);
        assert_eq!(heads("any of them and 0x4D5A == uint16be(0)"), program);
        assert_eq!(heads("$a at 0 and $c"), Some(vec![(0, b"#!/b".to_vec())]));
        assert_eq!(heads("$b at 0x101"), Some(vec![(257, b"PK".to_vec())]));
        let either = Some(vec![(0, b"MZ".to_vec()), (0, b"\x7fELF".to_vec())]);
        assert_eq!(heads("(uint16(0) == 0x5A4D or uint32(0) == 0x464C457F) and $a"), either);
    }

    #[test]
    fn what_is_not_certain_is_not_taken() {
        for condition in [
            "$a",
            "not uint16(0) == 0x5A4D",
            "uint16(0) == 0x5A4D or $a",
            "uint16(0) != 0x5A4D",
            "uint16(filesize - 2) == 0x5A4D",
            "$c at 0",
            "uint16(5000) == 1",
            "for any i in (1..2): (uint16(i) == 0x5A4D)",
            "uint16(0) == 0x15A4D",
        ] {
            assert_eq!(heads(condition), None, "{condition}");
        }
    }

    #[test]
    fn the_largest_size_is_read() {
        assert_eq!(need("filesize < 20KB and $a").most, Some(20 * 1024 - 1));
        assert_eq!(need("300 >= filesize and $a and filesize < 1MB").most, Some(300));
        assert_eq!(need("(filesize < 10 and $a) or (filesize <= 20 and $b)").most, Some(20));
        assert_eq!(need("filesize < 10 or $a").most, None);
        assert_eq!(need("filesize > 10 and $a").most, None);
        assert_eq!(need("not filesize < 10").most, None);
    }

    #[test]
    fn of_two_beginnings_the_more_telling_is_taken() {
        assert_eq!(heads("uint8(0) == 0x7B and uint16(1) == 0x5C72"), Some(vec![(1, b"r\\".to_vec())]));
        assert_eq!(heads("uint32(60) == 0x80 and uint16(0) == 0x5A4D"), Some(vec![(0, b"MZ".to_vec())]));
    }
}
