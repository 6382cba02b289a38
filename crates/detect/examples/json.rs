//! Writes Windows event logs as JSON lines, as evtx_dump does, for measuring and comparing: `json FILE… > LOG`

use std::io::Write;

use evtx::EvtxParser;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::env::args().skip(1) {
        let Ok(mut parser) = EvtxParser::from_path(&path) else { continue };
        for record in parser.records_json_value().flatten() {
            writeln!(out, "{}", record.data)?;
        }
    }
    out.flush()
}
