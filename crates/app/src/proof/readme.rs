//! The sheet on top of a dossier, in both languages: what is in it and how it is checked.

use super::model::Index;

/// `README.txt`.
pub fn readme(index: &Index, fingerprint: &str) -> String {
    let Index { code, title, tlp, entries, head, key, .. } = index;
    let (made_at, made_by, tlp) = (index.made_at.to_minute(), &index.made_by, tlp.to_uppercase().replace('_', "+"));
    format!(
        "HỒ SƠ ĐỂ KIỂM CHỨNG – {code}\n\
         {title}\n\n\
         TLP:{tlp}. Lập lúc {made_at} (giờ Việt Nam), người lập: {made_by}.\n\
         Nhật ký gồm {entries} mục, mã băm mục cuối:\n  {head}\n\
         Khoá ký số {key}, dấu vân (SHA-256 của khoá công khai):\n  {fingerprint}\n\n\
         CÁCH KIỂM CHỨNG (máy khác, không cần mạng, không cần cơ sở dữ liệu)\n\
         1. Lấy khoá công khai từ giấy tờ hoặc trang niêm yết của cơ quan, không lấy từ hồ sơ này.\n\
         2. Chạy:  ungcuu verify --dossier TEP.zip --key KHOA.pem\n\
         3. Kết quả: 0 nguyên vẹn; 1 đã bị sửa, có nêu chỗ bị sửa; 2 không kiểm được.\n\
         Giữ nguyên tệp .zip: giải nén rồi nén lại thì phải xin bản gốc để kiểm.\n\
         Đừng mở chứng cứ trên máy làm việc; tệp đã đánh dấu mã độc không có trong hồ sơ, chỉ có mã băm.\n\n\
         TRONG HỒ SƠ\n\
         index.json, index.sig   mục lục có SHA-256 của mọi tệp, và chữ ký Ed25519 trên mục lục\n\
         journal.jsonl           các mục nhật ký, mỗi mục mang mã băm của mục trước\n\
         rows.jsonl              các dòng dữ liệu mà nhật ký nêu tên, để tính lại dấu vân từng dòng\n\
         evidence/, reports/     chứng cứ và văn bản đã phát hành\n\
         dossier.pdf             hồ sơ sự cố để đọc\n\
         checkpoints.jsonl       các điểm kiểm chứng có chuỗi này, kèm đường đi trong cây băm\n\
         checkpoint/             điểm gần nhất dưới dạng tệp rời, kiểm được bằng openssl\n\
         keys.json, keys/        các khoá công khai\n\n\
         ------------------------------------------------------------------------\n\n\
         DOSSIER FOR CHECKING – {code}\n\
         {title}\n\n\
         TLP:{tlp}. Made at {made_at} (Vietnam time) by {made_by}.\n\
         The journal has {entries} entries, hash of the last:\n  {head}\n\
         Signing key {key}, fingerprint (SHA-256 of the public key):\n  {fingerprint}\n\n\
         HOW TO CHECK IT (another machine, no network, no database)\n\
         1. Take the public key from the office's papers or notice board, not from this dossier.\n\
         2. Run:  ungcuu verify --dossier FILE.zip --key KEY.pem\n\
         3. The answer: 0 sound; 1 altered, and it says what; 2 cannot tell.\n\
         Keep the .zip as it is: one that was unpacked and packed again cannot be checked.\n\
         Do not open evidence on a machine you work with; files marked as malicious are not in here, only their hashes.\n\n\
         WHAT IS IN IT\n\
         index.json, index.sig   the table of contents with the SHA-256 of every file, and its Ed25519 signature\n\
         journal.jsonl           the journal's entries, each with the hash of the one before\n\
         rows.jsonl              the rows the journal names, so that each fingerprint can be computed again\n\
         evidence/, reports/     evidence and issued papers\n\
         dossier.pdf             the incident's dossier, to read\n\
         checkpoints.jsonl       the checkpoints that hold this stream, with the way through their trees of hashes\n\
         checkpoint/             the latest of them as bare files, to check with openssl\n\
         keys.json, keys/        the public keys\n\n\
         With openssl, for the latest checkpoint / dùng openssl cho điểm gần nhất:\n\
         openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in checkpoint/words.txt -sigfile checkpoint/words.sig\n\
         openssl ts -verify -token_in -in checkpoint/timestamp.tst -data checkpoint/stamped.txt -CAfile CA.pem\n"
    )
}
