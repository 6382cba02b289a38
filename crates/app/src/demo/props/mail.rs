//! The mail with which the attack came: a tax notice that is none.

use ungcuu_kit::time::Time;

/// The mail as it lies in the mailbox, headers and all, sent at this moment.
pub fn lure(sent: Time) -> Vec<u8> {
    let date = sent.local().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    let received = sent.plus(4_000_000).local().strftime("%a, %d %b %Y %H:%M:%S %z").to_string();
    let mail = format!(
        "Return-Path: <thongbao@thue-dientu.example>\n\
         Received: from mail.thue-dientu.example (unknown [198.51.100.23])\n\
         \tby mx1.demo.example (Postfix) with ESMTP id 7C1D24A0F3\n\
         \tfor <motcua.basao@demo.example>; {received}\n\
         Authentication-Results: mx1.demo.example;\n\
         \tspf=fail smtp.mailfrom=thue-dientu.example; dkim=none; dmarc=fail\n\
         From: Cục Thuế <thongbao@thue-dientu.example>\n\
         Reply-To: ho-tro@thue-dientu.example\n\
         To: motcua.basao@demo.example\n\
         Subject: Thông báo quyết toán thuế - hạn cuối hôm nay\n\
         Date: {date}\n\
         Message-ID: <20481.7731@thue-dientu.example>\n\
         X-Mailer: PHPMailer 5.2.9\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"----=_Phan_001\"\n\
         \n\
         ------=_Phan_001\n\
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\
         \n\
         Kính gửi Quý cơ quan,\n\
         \n\
         Theo dữ liệu của hệ thống, đơn vị còn nợ tờ khai quyết toán thuế thu nhập cá nhân của cán bộ, công chức.\n\
         Đề nghị mở tệp đính kèm (mật khẩu: 2022) hoặc tải tại địa chỉ dưới đây và xác nhận trước 17 giờ hôm nay.\n\
         Quá hạn trên, hệ thống tự động khoá mã số thuế của đơn vị.\n\
         \n\
         http://tai-ve.thue-dientu.example/thong-bao-thue.exe\n\
         \n\
         Trân trọng./.\n\
         \n\
         ------=_Phan_001\n\
         Content-Type: application/zip; name=\"thong-bao-thue.zip\"\n\
         Content-Disposition: attachment; filename=\"thong-bao-thue.zip\"\n\
         Content-Transfer-Encoding: base64\n\
         \n\
         UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\n\
         \n\
         ------=_Phan_001--\n"
    );
    mail.replace('\n', "\r\n").into_bytes()
}
