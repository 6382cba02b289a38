//! The page beside the form: the very document that will be printed, as a page of HTML.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::HtmlSafe;
use ungcuu_kit::error::{Error, Result};
use ungcuu_render::{Align, Block, Choice, Document, FieldRow, Prepared, Table, prepare};

/// A document as HTML, for the class `sheet`.
#[derive(Template)]
#[template(path = "report/html/preview.html")]
pub struct Preview {
    paper: Prepared,
}

impl HtmlSafe for Preview {}

impl Preview {
    pub fn new(document: &Document) -> Result<Preview> {
        Ok(Preview { paper: prepare(document).map_err(Error::internal)? })
    }

    /// The markup by itself, for the script that renews the page while someone types.
    pub fn markup(&self) -> Result<String> {
        self.render().map_err(Error::internal)
    }

    fn blocks(&self) -> Blocks<'_> {
        Blocks { blocks: &self.paper.document.body }
    }

    fn annex<'a>(&self, blocks: &'a [Block]) -> Blocks<'a> {
        Blocks { blocks }
    }
}

/// The blocks of a body or an annex.
#[derive(Template)]
#[template(path = "report/html/blocks.html")]
struct Blocks<'a> {
    blocks: &'a [Block],
}

impl HtmlSafe for Blocks<'_> {}

impl Blocks<'_> {
    /// An obligatory row that is empty.
    fn is_missing(&self, row: &FieldRow) -> bool {
        row.obligatory && row.value.is_none() && self.is_blank(&row.options)
    }

    /// No box is ticked.
    fn is_blank(&self, options: &[Choice]) -> bool {
        !options.iter().any(|option| option.ticked)
    }

    fn side(&self, table: &Table, column: impl Borrow<usize>) -> &'static str {
        match table.columns.get(*column.borrow()).map(|column| column.align) {
            Some(Align::Right) => "number",
            Some(Align::Center) => "middle",
            _ => "",
        }
    }

    fn has_head(&self, table: &Table) -> bool {
        table.columns.iter().any(|column| !column.header.is_empty())
    }
}
