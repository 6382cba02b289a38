//! The pages of deadlines: the list, one of them, calendars, feeds.

mod calendar;
mod detail;
mod feeds;
mod list;

use ungcuu_kit::text::Text;

use super::ics;
use crate::permission::Permission::{DeadlineRead, DeadlineWaive, PackWrite, ReportWrite};
use crate::web::{Access, Routes};

/// Every route of the feature.
pub fn routes() -> Routes {
    let read = Access::Need(DeadlineRead);
    let say = Text::new;
    Routes::new()
        .page("/deadlines", read, say("Danh sách hạn việc", "What is due"), list::list)
        .asks::<list::Asked>()
        .page(
            "/deadlines/calendar",
            Access::Need(PackWrite),
            say("Lịch nghỉ, ngày nộp báo cáo", "Holidays and due days"),
            calendar::calendar,
        )
        .asks::<calendar::Asked>()
        .act(
            "/deadlines/calendar/{year}",
            Access::Need(PackWrite),
            say("Sửa lịch nghỉ một năm", "Correct a year's holidays"),
            calendar::save_year,
        )
        .act(
            "/deadlines/days",
            Access::Need(PackWrite),
            say("Đặt ngày nộp một báo cáo", "Set the day of a report"),
            calendar::save_day,
        )
        .page("/deadlines/feeds", read, say("Lịch hạn việc cho điện thoại", "Calendar feeds"), feeds::feeds)
        .act("/deadlines/feeds", read, say("Tạo địa chỉ lịch", "Make a calendar address"), feeds::make)
        .act("/deadlines/feeds/{feed}/renew", read, say("Đổi địa chỉ lịch", "Renew an address"), feeds::renew)
        .act("/deadlines/feeds/{feed}/revoke", read, say("Thu hồi địa chỉ lịch", "Revoke an address"), feeds::revoke)
        .page("/deadlines/{id}", read, say("Một hạn việc", "One time limit"), detail::detail)
        .act(
            "/deadlines/{id}/waive",
            Access::Need(DeadlineWaive),
            say("Miễn một việc theo luật", "Set a duty aside"),
            detail::waive,
        )
        .act(
            "/deadlines/{id}/done",
            Access::Need(ReportWrite),
            say("Ghi đã gửi báo cáo", "Say that a report was sent"),
            detail::done,
        )
        .act("/deadlines/{id}/undo", read, say("Rút lại", "Take it back"), detail::undo)
        // Public: the secret in the address is the key, and programs that read calendars know no other.
        .file(
            "/calendar/{token}",
            Access::Public,
            say("Lịch hạn việc (iCalendar)", "What is due, as iCalendar"),
            ics::feed,
        )
}
