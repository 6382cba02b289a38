//! Tables as Markdown writes them: what was found is written as one and compared with the one under a heading of a file.

/// Rows of words under a head.
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(columns: &[&str]) -> Table {
        Table { columns: columns.iter().map(|&word| word.to_owned()).collect(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: &[&str]) {
        assert_eq!(cells.len(), self.columns.len(), "{cells:?}");
        self.rows.push(cells.iter().map(|&cell| cell.to_owned()).collect());
    }

    /// Counts on when the last row says the same but for its first cell: “06/09 07:30, 3 ngày liền đến 08/09”.
    pub fn again(&mut self, day: &str, rest: &[&str]) -> bool {
        let Some([when, before @ ..]) = self.rows.last_mut().map(Vec::as_mut_slice) else { return false };
        if before.iter().zip(rest).any(|(before, now)| before != now) {
            return false;
        }
        let (begun, days) = match when.split_once(", ") {
            Some((begun, more)) => (begun, more.split(' ').next().and_then(|days| days.parse().ok()).unwrap_or(1)),
            None => (when.as_str(), 1),
        };
        *when = format!("{begun}, {} ngày liền đến {day}", days + 1);
        true
    }

    /// One line to each row, the cells parted by bars.
    fn lines(&self) -> Vec<String> {
        let rows = [&self.columns].into_iter().chain(&self.rows);
        rows.map(|cells| cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(" | ")).collect()
    }

    /// As it stands in a file.
    fn markdown(&self) -> String {
        let mut lines: Vec<String> = self.lines().iter().map(|line| format!("| {line} |")).collect();
        lines.insert(1, "|---".repeat(self.columns.len()) + "|");
        lines.join("\n")
    }
}

/// “ → A; B” behind words that hold for several recipients; nothing for none.
pub fn joined(recipients: &[String]) -> String {
    let mut recipients = recipients.to_vec();
    recipients.sort();
    if recipients.is_empty() { String::new() } else { format!(" → {}", recipients.join("; ")) }
}

/// The rows of the table under a heading of a file, its head first. Remarks between them (lines without bars) are for people.
pub fn rows_under(heading: &str, file: &str) -> Vec<String> {
    let is_head = |line: &&str| line.trim_start_matches('#').trim() == heading && line.starts_with('#');
    let rest = file.lines().skip_while(|line| !is_head(line)).skip(1).take_while(|line| !line.starts_with('#'));
    let rows = rest.filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    let cells = |row: &str| row.trim().trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>().join(" | ");
    rows.map(cells).collect()
}

/// What was found is what the table under this heading says, line by line.
#[track_caller]
pub fn compare(heading: &str, found: &Table, file: &str) {
    let expected = rows_under(heading, file);
    let lines = found.lines();
    let first = lines.iter().zip(&expected).position(|(found, expected)| found != expected);
    let first = first.unwrap_or_else(|| lines.len().min(expected.len()));
    let none = "(không còn dòng nào)".to_owned();
    assert!(
        lines == expected,
        "{heading}, line {first}:\n found    {}\n expected {}\n\n{}\n",
        lines.get(first).unwrap_or(&none),
        expected.get(first).unwrap_or(&none),
        found.markdown()
    );
}
