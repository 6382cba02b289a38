//! Identifiers as types, so that an alert's cannot be handed where an incident's is wanted.

use crate::db::Arg;

/// An identifier type made by [`id_type!`](crate::id_type); what lets it be an argument of a statement.
pub trait Id {
    fn text(&self) -> &str;
}

impl<T: Id> From<&T> for Arg {
    fn from(id: &T) -> Arg {
        Arg::Text(Some(id.text().to_owned()))
    }
}

impl<T: Id> From<&Option<T>> for Arg {
    fn from(id: &Option<T>) -> Arg {
        Arg::Text(id.as_ref().map(|id| id.text().to_owned()))
    }
}

impl<T: Id> From<Option<&T>> for Arg {
    fn from(id: Option<&T>) -> Arg {
        Arg::Text(id.map(|id| id.text().to_owned()))
    }
}

/// Declares an identifier type with its three-letter prefix: `id_type!(IncidentId, "inc")`.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema, sqlx::Type,
        )]
        #[sqlx(transparent)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A fresh identifier, ordered by time.
            pub fn new(chance: &$crate::chance::Chance, now: $crate::time::Time) -> Self {
                $name(chance.id($prefix, now))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                let well_formed = raw.len() == 30
                    && raw.starts_with(concat!($prefix, "_"))
                    && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if well_formed { Ok($name(raw.to_owned())) } else { Err($crate::error::Error::NotFound) }
            }
        }

        impl $crate::id::Id for $name {
            fn text(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Declares a choice stored as a word: the enum, its words, reading and writing it in both databases, and its label.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident = $word:literal : ($vi:literal, $en:literal)),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        pub enum $name {
            $(#[serde(rename = $word)] $variant),+
        }

        impl<D: sqlx::Database> sqlx::Type<D> for $name
        where
            str: sqlx::Type<D>,
        {
            fn type_info() -> D::TypeInfo {
                <str as sqlx::Type<D>>::type_info()
            }

            fn compatible(kind: &D::TypeInfo) -> bool {
                <str as sqlx::Type<D>>::compatible(kind)
            }
        }

        impl<'r, D: sqlx::Database> sqlx::Decode<'r, D> for $name
        where
            &'r str: sqlx::Decode<'r, D>,
        {
            fn decode(value: D::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                match <&str as sqlx::Decode<'r, D>>::decode(value)? {
                    $($word => Ok($name::$variant),)+
                    other => Err(format!("{other:?} is no {}", stringify!($name)).into()),
                }
            }
        }

        impl $name {
            /// Every choice, in the order people see them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word in the database, the URL and the API.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// What people read.
            pub fn label(self) -> $crate::text::Text {
                match self { $($name::$variant => $crate::text::Text::new($vi, $en)),+ }
            }

            /// Value and label of every choice, for a select field.
            pub fn options(lang: $crate::text::Lang) -> Vec<(String, String)> {
                Self::ALL.iter().map(|it| (it.word().to_owned(), it.label().get(lang).to_owned())).collect()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::Text;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|it| it.word() == raw).ok_or($crate::text::Text::new(
                    "Hãy chọn một mục trong danh sách.",
                    "Choose one of the list.",
                ))
            }
        }

        impl From<$name> for $crate::db::Arg {
            fn from(choice: $name) -> Self {
                $crate::db::Arg::Text(Some(choice.word().to_owned()))
            }
        }
    };
}
