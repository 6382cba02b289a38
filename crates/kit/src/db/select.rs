//! Statements put together from filters. The one place that vouches for SQL built at run time: every piece is a
//! constant of the program, every value an argument.

use super::{Arg, Engine};

/// A statement in the making. `?` in a piece stands for its next argument.
///
/// ```
/// # use ungcuu_kit::db::{Arg, Select};
/// let select = Select::new("SELECT id FROM alerts", [])
///     .and("status = ?", [Arg::from("new")])
///     .and_in("unit_id", ["a".into(), "b".into()])
///     .tail("ORDER BY id LIMIT ?", [Arg::from(50)]);
/// assert_eq!(
///     select.text(),
///     "SELECT id FROM alerts WHERE status = $1 AND unit_id IN ($2, $3) ORDER BY id LIMIT $4"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Select {
    text: String,
    args: Vec<Arg>,
    filtered: bool,
    claims: bool,
}

impl Select {
    /// Begins with everything up to the filters. A `WHERE` in `head` is not allowed; use [`Select::and`].
    pub fn new(head: &'static str, args: impl IntoIterator<Item = Arg>) -> Select {
        Select { text: String::new(), args: Vec::new(), filtered: false, claims: false }.piece(head, args)
    }

    /// Keeps rows for which this holds too.
    #[must_use]
    pub fn and(mut self, condition: &'static str, args: impl IntoIterator<Item = Arg>) -> Select {
        self.text.push_str(if self.filtered { " AND " } else { " WHERE " });
        self.filtered = true;
        self.piece(condition, args)
    }

    /// Keeps rows whose column has one of these values; none at all when the list is empty.
    #[must_use]
    pub fn and_in(mut self, column: &'static str, values: impl IntoIterator<Item = Arg>) -> Select {
        self.text.push_str(if self.filtered { " AND " } else { " WHERE " });
        self.filtered = true;
        let values: Vec<Arg> = values.into_iter().collect();
        if values.is_empty() {
            self.text.push_str("1 = 0");
            return self;
        }
        self.text.push_str(column);
        self.text.push_str(" IN (");
        self = self.list(values);
        self.text.push(')');
        self
    }

    /// Keeps rows for a longer condition that ends in a list: `head IN (…)` followed by `close`, `head`'s question marks
    /// standing for `args`.
    #[must_use]
    pub fn and_in_group(
        mut self,
        head: &'static str,
        args: impl IntoIterator<Item = Arg>,
        values: impl IntoIterator<Item = Arg>,
        close: &'static str,
    ) -> Select {
        self = self.and(head, args);
        let mut values: Vec<Arg> = values.into_iter().collect();
        if values.is_empty() {
            values.push(Arg::Text(None));
        }
        self.text.push_str(" IN (");
        self = self.list(values);
        self.text.push(')');
        self.text.push_str(close);
        self
    }

    /// Ends with ordering and limit.
    #[must_use]
    pub fn tail(mut self, tail: &'static str, args: impl IntoIterator<Item = Arg>) -> Select {
        self.text.push(' ');
        self.piece(tail, args)
    }

    /// Takes rows to work on: those that another process is taking are passed over. On SQLite the one writer is alone
    /// anyway. Ends the statement.
    #[must_use]
    pub fn claiming(mut self) -> Select {
        self.claims = true;
        self
    }

    /// `(…), (…), …` after `INSERT INTO t (…) VALUES`.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Vec<Arg>>) -> Select {
        for (index, row) in rows.into_iter().enumerate() {
            self.text.push_str(if index == 0 { " (" } else { ", (" });
            self = self.list(row);
            self.text.push(')');
        }
        self
    }

    /// The statement with its arguments numbered, as PostgreSQL wants it.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.text.len() + 3 * self.args.len());
        let mut number = 0;
        for piece in self.text.split_inclusive('?') {
            match piece.strip_suffix('?') {
                Some(before) => {
                    number += 1;
                    text.push_str(before);
                    text.push('$');
                    text.push_str(&number.to_string());
                }
                None => text.push_str(piece),
            }
        }
        text
    }

    /// SQLite looks up each numbered argument among all the others, which is quadratic for many rows; bare question marks
    /// it takes as they come.
    pub(super) fn into_parts(self, engine: Engine) -> (String, Vec<Arg>) {
        match engine {
            Engine::Sqlite => (self.text, self.args),
            Engine::Postgres if self.claims => (self.text() + " FOR UPDATE SKIP LOCKED", self.args),
            Engine::Postgres => (self.text(), self.args),
        }
    }

    fn piece(mut self, piece: &'static str, args: impl IntoIterator<Item = Arg>) -> Select {
        let before = self.args.len();
        self.args.extend(args);
        let marks = piece.bytes().filter(|byte| *byte == b'?').count();
        assert_eq!(self.args.len() - before, marks, "a piece has as many question marks as arguments: {piece}");
        self.text.push_str(piece);
        self
    }

    fn list(mut self, values: Vec<Arg>) -> Select {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.args.push(value);
            self.text.push('?');
        }
        self
    }
}
