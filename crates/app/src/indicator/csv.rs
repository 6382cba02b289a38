//! Tables as text for spreadsheets. A cell that a spreadsheet would take for a formula is made plain text.

/// One line, ended as spreadsheets expect.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|it| cell(it.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// Marks the text as UTF-8 for spreadsheets that would guess wrongly and spoil every accent.
pub const MARK: &str = "\u{feff}";

fn cell(words: &str) -> String {
    // A blank before the sign does not keep every program from calculating.
    let formula = words.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || words.starts_with(['\t', '\r', '\n']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", words.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn no_cell_is_calculated_and_no_quote_ends_one() {
        assert_eq!(line(["a", "=1+1", " @x", "nói \"dừng\""]), "\"a\",\"'=1+1\",\"' @x\",\"nói \"\"dừng\"\"\"\r\n");
    }
}
