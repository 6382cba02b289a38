//! Indicators as people write them, and texts that only look like them.

use proptest::prelude::*;
use ungcuu_detect::indicator::{Indicator, Kind, LONGEST, Why, extract, parse, refang};

/// Kind and value as one word: `ip 1.2.3.4`.
fn said(indicator: &Indicator) -> String {
    format!("{} {}", indicator.kind.word(), indicator.value)
}

fn found(text: &str) -> Vec<String> {
    extract(text, 100).iter().map(said).collect()
}

#[test]
fn an_indicator_has_one_spelling_however_it_is_written() {
    let table = [
        ("185.220.101.7", "ip 185.220.101.7"),
        ("185.220.101[.]7", "ip 185.220.101.7"),
        ("185(.)220(.)101(.)7:8443", "ip 185.220.101.7"),
        ("2001:0DB8:0000::0001", "ip 2001:db8::1"),
        ("[2001:db8::1]:443", "ip 2001:db8::1"),
        ("2001[:]db8[:][:]1", "ip 2001:db8::1"),
        ("::ffff:10.0.0.5", "ip 10.0.0.5"),
        ("EVIL.Example.COM.", "domain evil.example.com"),
        ("evil[dot]com", "domain evil.com"),
        ("evil{DOT}com:8080", "domain evil.com"),
        ("tênmiền.vn", "domain xn--tnmin-hsa0954c.vn"),
        ("ev\u{200b}il.com", "domain evil.com"),
        ("hxxp://EVIL[.]com/Tải về", "more than one thing"),
        ("hxxps[://]evil[.]com", "url https://evil.com/"),
        ("h**p://evil.com:80/a/../b", "url http://evil.com/b"),
        ("fxp://1.2.3.4/x", "url ftp://1.2.3.4/x"),
        ("ldap://Evil.COM:1389/a", "url ldap://evil.com:1389/a"),
        ("evil.com/payload.bin", "url http://evil.com/payload.bin"),
        ("evil.com/go?to=https://b.com", "url http://evil.com/go?to=https://b.com"),
        ("<http://evil.com/x>", "url http://evil.com/x"),
        ("“D41D8CD98F00B204E9800998ECF8427E”", "md5 d41d8cd98f00b204e9800998ecf8427e"),
        ("SHA1: da39a3ee5e6b4b0d3255bfef95601890afd80709", "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        ("mailto:Ke.Toan+x@Evil.com", "mail ke.toan+x@evil.com"),
        ("ketoan[at]evil[.]com", "mail ketoan@evil.com"),
        ("Bao_cao.DOCX", "file bao_cao.docx"),
        ("Báo cáo tháng 3.docx.exe", "file báo cáo tháng 3.docx.exe"),
        ("setup.zip", "file setup.zip"),
        (r"C:\Users\Lan\AppData\a.exe", r"file c:\users\lan\appdata\a.exe"),
        (r"%TEMP%\svch0st.exe", r"file %temp%\svch0st.exe"),
        (r"\\may-chu\chung\a.bat", r"file \\may-chu\chung\a.bat"),
        ("/tmp/.X11-unix/Kworker", "file /tmp/.X11-unix/Kworker"),
        ("uploads/shell.php", "file uploads/shell.php"),
    ];
    for (written, meant) in table {
        let read = parse(written).map_or_else(|why| why.to_string(), |indicator| said(&indicator));
        assert_eq!(read, meant, "{written}");
    }
}

#[test]
fn what_is_no_indicator_says_why() {
    let long = format!("http://evil.com/{}", "a".repeat(LONGEST));
    let label = format!("{}.com", "a".repeat(64));
    let table = [
        ("  ", Why::Empty),
        ("300.1.1.1", Why::Address),
        ("1.2.3", Why::Address),
        ("192.168.001.001", Why::Address),
        ("10.0.0.0/8", Why::Network),
        ("2001:db8::/32", Why::Network),
        ("-evil-.com", Why::Domain),
        ("ev il.com", Why::NotOne),
        (label.as_str(), Why::Domain),
        ("a@b", Why::Mail),
        ("@lan", Why::Mail),
        ("http://", Why::Link),
        ("javascript://evil.com", Why::Link),
        ("d41d8cd98f00b204e9800998ecf8427e00", Why::Digest),
        ("máy chủ chạy chậm", Why::NotOne),
        ("svchost", Why::Unknown),
        ("và/hoặc", Why::Unknown),
        ("22/11/2026", Why::Unknown),
        ("a.com\nb.com", Why::NotOne),
        (long.as_str(), Why::TooLong),
    ];
    for (written, why) in table {
        assert_eq!(parse(written), Err(why), "{written}");
    }
}

#[test]
fn a_defanged_indicator_is_not_followed_and_is_read_back() {
    let table = [
        ("1.2.3.4", "1[.]2[.]3[.]4"),
        ("2001:db8::1", "2001[:]db8[:][:]1"),
        ("evil.com", "evil[.]com"),
        ("https://u:p@evil.com:8443/a.b?c=d.e", "hxxps://u:p@evil[.]com:8443/a.b?c=d.e"),
        ("ftp://evil.com/", "fxp://evil[.]com/"),
        ("ldap://evil.com/a", "ldap[:]//evil[.]com/a"),
        ("lan@evil.com", "lan[at]evil[.]com"),
        ("a.exe", "a.exe"),
    ];
    for (plain, harmless) in table {
        let indicator = parse(plain).expect(plain);
        assert_eq!(indicator.defang(), harmless);
        assert_eq!(parse(harmless), Ok(indicator));
    }
}

#[test]
fn brackets_within_brackets_are_undone_at_once() {
    assert_eq!(refang("evil[[.]]com"), "evil.com");
    assert_eq!(refang("hxxp[:]//a[.]b"), "http://a.b");
    assert_eq!(refang("(a) đầu tiên; (b) thứ hai"), "(a) đầu tiên; (b) thứ hai");
    assert_eq!(refang("xhxxp://a"), "xhxxp://a");
}

#[test]
fn indicators_are_found_in_a_report() {
    let report = r#"Lúc 14:05:33 ngày 22/11/2026, máy trạm 10.20.1.15 (phòng Kế toán) mở tệp "Hóa đơn.pdf.exe"
        tải từ hxxps://evil[.]com/dl/hoadon.zip?id=1, sau đó nối tới 185.220.101.7:443, c2.xau.xyz và [2001:db8::7].
        Mã SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; MD5 = D41D8CD98F00B204E9800998ECF8427E.
        Thư từ ke-toan@evil.com, (xem http://evil.com/a_(b)). Chép vào C:\Program Files\Evil Corp\run.exe rồi chạy,
        và /tmp/.x/kworker; xoá ổ D: sau đó."#;
    let expected = [
        "ip 10.20.1.15",
        "file đơn.pdf.exe",
        "url https://evil.com/dl/hoadon.zip?id=1",
        "ip 185.220.101.7",
        "domain c2.xau.xyz",
        "ip 2001:db8::7",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "md5 d41d8cd98f00b204e9800998ecf8427e",
        "mail ke-toan@evil.com",
        "url http://evil.com/a_(b)",
        r"file c:\program files\evil corp\run.exe",
        "file /tmp/.x/kworker",
    ];
    assert_eq!(found(report), expected);
}

#[test]
fn lists_in_every_shape_are_taken_apart() {
    assert_eq!(found("1.1.1.2,1.1.1.3;1.1.1.4"), ["ip 1.1.1.2", "ip 1.1.1.3", "ip 1.1.1.4"]);
    assert_eq!(found("http://a.com/x,http://b.com/y"), ["url http://a.com/x", "url http://b.com/y"]);
    assert_eq!(found("http://a.com/?u=http://b.com/"), ["url http://a.com/?u=http://b.com/"]);
    assert_eq!(found("src=9.9.9.9:53 dst=evil.com/a.exe"), ["ip 9.9.9.9", "url http://evil.com/a.exe"]);
    assert_eq!(found(r#"{"ip":"9.9.9.9","host":"evil[.]weird"}"#), ["ip 9.9.9.9", "domain evil.weird"]);
    assert_eq!(found(r"C:\a.exe,D:\b c\d.dll và E:\x"), [r"file c:\a.exe", r"file d:\b c\d.dll", r"file e:\x"]);
    assert_eq!(found("evil.com evil.com EVIL[.]com"), ["domain evil.com"], "each once");
    assert_eq!(extract("1.1.1.2 1.1.1.3 1.1.1.4", 2).len(), 2, "no more than asked for");
}

#[test]
fn what_only_looks_like_an_indicator_is_left_alone() {
    let table = [
        "Phiên bản 1.2.3, v2.0.1, Chrome 109.0.5414.74, phiên bản 1.2.3.4, mục 1.1.1.1.",
        "Ngày 22.11.2026, 22/11/2026, 2026-11-22, lúc 14:05:33, từ 8:00 đến 17:30.",
        "UBND TP.HN, P.VHTT, TS.BS, ThS.Nguyễn Văn A, v.v., 02/KH-UBND, Q.1, Nghị định 85/2016/NĐ-CP.",
        "Máy chủ đã tắt.Do mất điện nên chưa bật.La liệt lỗi trong hệ thống.Log chưa đọc được.",
        "Số tiền 1.234.567 đồng, 12,5 triệu, 1.5.tr; tỷ lệ 3.14; 10.0.0.0/8 và 127.0.0.1, 0.0.0.0.",
        "std::fmt::Display, a::b, https, và/hoặc, đ/c Lan, km/h, e.g. this, i.e. that … hết.",
        "00000000000000000000000000000000 12345678901234567890123456789012",
        r"CAOLANH\lan đăng nhập; @moi nguoi; gửi cho lan@noi-bo",
    ];
    for text in table {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn ten_megabytes_made_to_annoy_are_read_in_one_go() {
    let patterns = [
        "C:\\a ",
        "C:\\a,",
        "[[[[.",
        "http://",
        "))))]",
        "a.vn/",
        "1.1.1.",
        "%%%%\\",
        "a@b:c",
        "é[.]\u{200b}",
        "\\\\x y",
    ];
    for pattern in patterns {
        let text = pattern.repeat((10 << 20) / pattern.len() / patterns.len());
        // Quadratic work on a megabyte would not end within the hour.
        assert!(extract(&text, 1000).len() <= 1000);
    }
    let text = format!("{} c2.evil.com", "x.".repeat(5 << 20));
    assert_eq!(found(&text), ["domain c2.evil.com"]);
}

/// Texts close to indicators: pieces of them in any order.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("hxxp"),
        Just("http"),
        Just("://"),
        Just("[.]"),
        Just("."),
        Just("(dot)"),
        Just("[at]"),
        Just("@"),
        Just("[:]"),
        Just(":"),
        Just("/"),
        Just("\\"),
        Just("[["),
        Just("]]"),
        Just("%"),
        Just("%2e"),
        Just("C:\\"),
        Just("%tmp%\\"),
        Just("evil"),
        Just("com"),
        Just("vn"),
        Just("exe"),
        Just("1"),
        Just("255"),
        Just("::1"),
        Just("ffff"),
        Just("é"),
        Just("İ"),
        Just("Σ"),
        Just("'"),
        Just("\""),
        Just(" "),
        Just(","),
        Just("?"),
        Just("#"),
        Just("\u{200b}"),
        Just("-"),
        Just("_"),
        Just("*"),
        Just("\u{130}"),
        Just("K"),
        Just("ldap"),
        Just("mailto:"),
        Just("~"),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
        let _ = extract(&text, 10);
    }

    #[test]
    fn reading_what_was_written_harmlessly_gives_the_same(text in prop_oneof![any::<String>(), nearly()]) {
        let read = extract(&text, 10);
        for indicator in parse(&text).into_iter().chain(read) {
            prop_assert!(!indicator.value.is_empty() && indicator.value.len() <= LONGEST);
            let again = parse(&indicator.defang());
            prop_assert_eq!(again, Ok(indicator));
        }
    }

    #[test]
    fn undoing_leaves_nothing_to_undo(text in prop_oneof![any::<String>(), nearly()]) {
        let once = refang(&text);
        prop_assert_eq!(refang(&once), once);
    }

    #[test]
    fn every_address_is_read_back(v4 in any::<std::net::Ipv4Addr>(), v6 in any::<std::net::Ipv6Addr>()) {
        for ip in [std::net::IpAddr::V4(v4), std::net::IpAddr::V6(v6)] {
            let indicator = parse(&ip.to_string()).expect("an address");
            prop_assert_eq!(indicator.kind, Kind::Ip);
            prop_assert_eq!(parse(&indicator.defang()), Ok(indicator));
        }
    }
}
