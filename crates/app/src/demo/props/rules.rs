//! A small set of rules as a response team keeps one: some of its own, and one that cannot be used.

use std::io::{Cursor, Write};

use anyhow::Context;
use ungcuu_kit::error::Result;
use zip::write::{SimpleFileOptions, ZipWriter};

const GATEWAY: &str = "title: May tram goi ve may chu dieu khien cua vu ma hoa Ba Sao
id: 5b0f7c1e-2c4a-4a57-9c37-0a8f9b6f7a11
description: A machine talks to the address that the programs of this incident asked for orders.
author: Ngô Thanh Tùng
logsource:
    category: proxy
detection:
    selection:
        c-uri|contains: '198.51.100.23'
    condition: selection
level: high
";

const LURE: &str = "title: Chuong trinh gia danh thong bao thue
id: 0f2f0a52-7a0e-4a0f-8b54-55f1f4f8e0c2
description: The program that came with the mail is run.
author: Ngô Thanh Tùng
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|endswith: '\\thong-bao-thue.exe'
    condition: selection
level: critical
";

const BROKEN: &str = "title: Quy tac con viet do
id: 7c1b1f0e-6f0a-4a44-9a30-0f0f3a3e9d55
logsource:
    product: windows
    category: process_creation
detection:
    selection:
        Image|giong: '\\a.exe'
    condition: selection
level: low
";

/// The set as an archive.
pub fn of_team() -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("cong-mang.yml", GATEWAY), ("thong-bao-thue.yml", LURE), ("dang-viet.yml", BROKEN)] {
        archive.start_file(name, SimpleFileOptions::default()).context("an entry")?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish().context("an archive")?.into_inner())
}
