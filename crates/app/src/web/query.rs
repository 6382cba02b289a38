//! What the address of a page may ask for: filters, order, place in a list. One type reads it and describes it.

use std::any::TypeId;
use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// One choice in the address. What is not a choice asks for nothing: an old link still shows its list.
#[derive(Clone, Debug)]
pub struct Ask<T>(pub Option<T>);

impl<T> Default for Ask<T> {
    fn default() -> Ask<T> {
        Ask(None)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Ask<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Ask<T>, D::Error> {
        Ok(Ask(String::deserialize(deserializer)?.parse().ok()))
    }
}

impl<T: JsonSchema> JsonSchema for Ask<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The type that reads a route's query, or the words that come with its files, and how it is described.
#[derive(Clone, Copy)]
pub(super) struct Reads {
    pub kind: TypeId,
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Reads {
    pub fn of<T: JsonSchema + 'static>() -> Reads {
        Reads { kind: TypeId::of::<T>(), schema: |generator| T::json_schema(generator) }
    }
}
