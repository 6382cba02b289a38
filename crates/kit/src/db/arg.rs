//! Arguments of a statement. Typed even when absent, because PostgreSQL wants to know the type of a NULL.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;

use crate::time::Time;

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    Bool(Option<bool>),
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
}

/// Hands the arguments to PostgreSQL's driver.
pub(super) fn bind(args: Vec<Arg>) -> PgArguments {
    let mut bound = PgArguments::default();
    for arg in args {
        let added = match arg {
            Arg::Bool(value) => bound.add(value),
            Arg::Int(value) => bound.add(value),
            Arg::Real(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
        };
        added.expect("these four types always encode");
    }
    bound
}

macro_rules! arg_from {
    ($($from:ty => $variant:ident($convert:expr)),+ $(,)?) => {
        $(
            impl From<$from> for Arg {
                fn from(value: $from) -> Arg {
                    let convert: fn($from) -> _ = $convert;
                    Arg::$variant(convert(value))
                }
            }
        )+
    };
}

arg_from! {
    bool => Bool(Some),
    Option<bool> => Bool(|value| value),
    i64 => Int(Some),
    Option<i64> => Int(|value| value),
    i32 => Int(|value| Some(value.into())),
    u32 => Int(|value| Some(value.into())),
    f64 => Real(Some),
    Option<f64> => Real(|value| value),
    Time => Int(|value| Some(value.0)),
    Option<Time> => Int(|value| value.map(|time| time.0)),
    String => Text(Some),
    Option<String> => Text(|value| value),
    &str => Text(|value| Some(value.to_owned())),
    Option<&str> => Text(|value| value.map(str::to_owned)),
    &String => Text(|value| Some(value.clone())),
    &Option<String> => Text(|value| value.clone()),
}
