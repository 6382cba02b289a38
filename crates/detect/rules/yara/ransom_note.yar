/*
   Notes that ransomware leaves, in Vietnamese and in English.
   Written for ungcuu; Apache-2.0.
*/

rule ransom_note_vi : ransomware
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1201"
        title = "Thư đòi tiền chuộc bằng tiếng Việt"
        description = "A text in Vietnamese says that files were encrypted and asks for money or contact"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "critical"
        response_vi = "Có dấu hiệu mã độc tống tiền. Ngắt mạng máy này và máy chủ tệp ngay, không tắt máy, không trả tiền, không xoá thư đòi tiền; ngắt kết nối nơi lưu bản sao lưu, ghi lại đuôi tệp bị đổi, báo Đội ứng cứu sự cố."
        response_en = "Signs of ransomware. Take this machine and the file server off the network at once, do not switch it off, do not pay, do not delete the note; disconnect the backups, write down how files were renamed, call the response team."
    strings:
        $encrypted_1 = "đã bị mã hóa"
        $encrypted_2 = "đã bị mã hoá"
        $encrypted_3 = "da bi ma hoa" ascii wide nocase
        $encrypted_4 = { 11 01 E3 00 20 00 62 00 CB 1E 20 00 6D 00 E3 00 20 00 68 00 } // "đã bị mã h" in UTF-16
        $files_1 = "tệp"
        $files_2 = "tập tin"
        $files_3 = "dữ liệu"
        $files_4 = /\b(du lieu|tap tin|file)\b/ ascii wide nocase
        $files_5 = { 74 00 C7 1E 70 00 } // "tệp" in UTF-16
        $files_6 = { 64 00 EF 1E 20 00 6C 00 69 00 C7 1E 75 00 } // "dữ liệu" in UTF-16
        $asks_1 = "bitcoin" ascii wide nocase
        $asks_2 = "tiền chuộc"
        $asks_3 = "tien chuoc" ascii wide nocase
        $asks_4 = "monero" ascii wide nocase
        $asks_5 = ".onion" ascii wide nocase
        $asks_6 = "khóa giải mã"
        $asks_7 = "khoá giải mã"
        $asks_8 = "công cụ giải mã"
        $threat_1 = "công khai"
        $threat_2 = "không đổi tên"
        $threat_3 = "không tự giải mã"
        $threat_4 = "telegram" ascii wide nocase
        $threat_5 = "protonmail" ascii wide nocase
        $threat_6 = "tutanota" ascii wide nocase
        $threat_7 = /\b(24|48|72|96) gi(\xe1\xbb\x9d|o)/
    condition:
        filesize < 200KB and any of ($encrypted_*) and any of ($files_*) and 1 of ($asks_*) and 1 of ($threat_*)
}

rule ransom_note_en : ransomware
{
    meta:
        id = "b1f0c3a2-1b1e-4f0b-9a57-3f6d0c7a1202"
        title = "Thư đòi tiền chuộc bằng tiếng Anh"
        description = "A text in English says that files were encrypted and asks for money or contact"
        author = "ungcuu"
        license = "Apache-2.0"
        level = "critical"
        response_vi = "Có dấu hiệu mã độc tống tiền. Ngắt mạng máy này và máy chủ tệp ngay, không tắt máy, không trả tiền, không xoá thư đòi tiền; ngắt kết nối nơi lưu bản sao lưu, ghi lại đuôi tệp bị đổi, báo Đội ứng cứu sự cố."
        response_en = "Signs of ransomware. Take this machine and the file server off the network at once, do not switch it off, do not pay, do not delete the note; disconnect the backups, write down how files were renamed, call the response team."
    strings:
        $encrypted_1 = /\byour (important |personal |company )?(files|data|documents|network|systems?)( and \w{3,12})? (have been|has been|are|were) (encrypted|locked)/ ascii wide nocase
        $encrypted_2 = /\ball (of )?your (files|data|documents)[^.]{0,60}(encrypted|stolen)/ ascii wide nocase
        $asks_1 = "bitcoin" ascii wide nocase
        $asks_2 = "monero" ascii wide nocase
        $asks_3 = ".onion" ascii wide nocase
        $asks_4 = "ransom" ascii wide nocase
        $asks_5 = /\b(decryption|private) (key|tool|software)\b/ ascii wide nocase
        $asks_6 = "decryptor" ascii wide nocase
        $threat_1 = /\b(do not|don't) (rename|modify|delete|try to decrypt)/ ascii wide nocase
        $threat_2 = /\bwill be (published|leaked|sold|lost|destroyed)\b/ ascii wide nocase
        $threat_3 = "tor browser" ascii wide nocase
        $threat_4 = /\b(24|48|72|96) hours\b/ ascii wide nocase
        $threat_5 = /\b(protonmail|tutanota|onionmail|cock\.li)\b/ ascii wide nocase
        $threat_6 = /\b(your|personal) id\b/ ascii wide nocase
        $threat_7 = /third.party (software|tools?|recovery)/ ascii wide nocase
    condition:
        filesize < 200KB and any of ($encrypted_*) and 1 of ($asks_*) and 1 of ($threat_*)
}
