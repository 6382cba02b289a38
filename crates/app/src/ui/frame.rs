//! What the frame of every page needs beyond its content: the words for script, and what `+` offers.

use crate::page::Page;

impl Page {
    /// What may be begun from any page: path and label.
    pub fn beginnings(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("alert.create", "/alerts/new", self.t("Ghi nhận cảnh báo", "Record an alert")),
            ("incident.open", "/incidents/new", self.t("Mở sự cố", "Open an incident")),
        ];
        let allowed = all.into_iter().filter(|(permission, ..)| self.can(permission));
        allowed.map(|(_, path, label)| (path, label)).collect()
    }

    /// The sentences script may need, as attribute name and words. `{n}` stands for a number.
    pub fn script_words(&self) -> [(&'static str, &str); 31] {
        [
            ("left", self.t("còn {n}", "{n} left")),
            ("late", self.t("trễ {n}", "{n} late")),
            ("ago", self.t("{n} trước", "{n} ago")),
            ("soon", self.t("chưa đầy 1 phút", "under 1 minute")),
            ("minutes", self.t("phút", "min")),
            ("hours", self.t("giờ", "h")),
            ("days", self.t("ngày", "d")),
            ("change", self.t("{n} thay đổi mới", "{n} new change")),
            ("changes", self.t("{n} thay đổi mới", "{n} new changes")),
            ("see", self.t("xem", "show")),
            ("lost", self.t("Mất kết nối, đang thử lại.", "Connection lost, trying again.")),
            ("restored", self.t("Đã lấy lại phần gõ dở lúc {n}.", "Restored what you were typing at {n}.")),
            ("saved", self.t("Đã giữ phần đang gõ lúc {n} trên máy này.", "Kept on this machine at {n}.")),
            ("forget", self.t("Bỏ phần gõ dở", "Discard it")),
            ("unsaved", self.t("Phần đang gõ chưa được lưu.", "What you typed is not saved yet.")),
            ("confirm", self.t("Thực hiện", "Go ahead")),
            ("cancel", self.t("Thôi", "Cancel")),
            ("ask", self.t("Xin xác nhận", "Please confirm")),
            ("sending", self.t("Đang gửi {n}%", "Sending {n}%")),
            ("retry", self.t("Gửi lại", "Send again")),
            ("pause", self.t("Tạm dừng", "Pause")),
            ("resume", self.t("Gửi tiếp", "Go on")),
            ("paused", self.t("Đã tạm dừng ở {n}%.", "Paused at {n}%.")),
            ("waiting", self.t("Mất kết nối; tự gửi tiếp sau {n} giây.", "Connection lost; going on in {n} s.")),
            ("folder", self.t("Thư mục đã chọn: {n} tệp", "Folder chosen: {n} files")),
            (
                "failed",
                self.t(
                    "Chưa gửi được. Tệp vẫn còn đây, hãy gửi lại.",
                    "Not sent. Your files are still here; send again.",
                ),
            ),
            ("nothing", self.t("Không tìm thấy gì.", "Nothing found.")),
            ("search", self.t("Tìm hoặc đi tới…", "Search or go to…")),
            ("goto", self.t("Đi tới", "Go to")),
            ("copied", self.t("Đã chép", "Copied")),
            ("chosen", self.t("Đã chọn {n}", "{n} selected")),
        ]
    }
}
