//! A page that could not be shown: what happened, what was kept, what to do.

use askama::Template;
use ungcuu_kit::error::Error;
use ungcuu_kit::text::Text;

use crate::page::Page;
use crate::web::Call;

#[derive(Template)]
#[template(path = "ui/error.html")]
struct ErrorPage {
    p: Page,
    status: u16,
    message: String,
    advice: String,
}

/// The page of an error. Says nothing about our insides.
pub fn error_page(call: &Call, error: &Error) -> String {
    let title = match error {
        Error::NotFound => Text::new("Không tìm thấy", "Not found"),
        Error::Forbidden(_) => Text::new("Không được phép", "Not allowed"),
        Error::Internal(_) | Error::Full => Text::new("Máy chủ gặp trục trặc", "Something went wrong on our side"),
        _ => Text::new("Chưa làm được", "Not done"),
    };
    let advice = match error {
        Error::NotFound => Text::new(
            "Hãy xem lại địa chỉ, hoặc tìm theo số hiệu, ví dụ SC-2026-0042.",
            "Check the address, or search by number, such as SC-2026-0042.",
        ),
        Error::Forbidden(_) => Text::new(
            "Nếu công việc cần, hãy hỏi người quản trị của đơn vị.",
            "If your work needs it, ask your administrator.",
        ),
        Error::Internal(_) => Text::new(
            "Những gì đã lưu vẫn còn nguyên. Hãy thử lại sau ít phút; nếu vẫn vậy, báo người quản trị kèm giờ ghi dưới đây.",
            "Whatever was saved is safe. Try again in a few minutes; if it stays, tell your administrator the time below.",
        ),
        _ => Text::new(
            "Hãy quay lại trang trước; chữ đã gõ vẫn còn ở đó.",
            "Go back to the page before; what you typed is still there.",
        ),
    };
    let p = Page::bare(call, title);
    let page =
        ErrorPage { status: error.status().as_u16(), message: p.say(&error.message()), advice: p.say(&advice), p };
    page.render().unwrap_or_else(|_| page.message.clone())
}
