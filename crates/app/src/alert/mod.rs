//! Intake: what people report and machines notice, one queue, and what becomes of each alert.
//!
//! An alert comes from the public form, a member of staff, a program or a mail. Equal ones are folded into one with a
//! count. An officer takes it, verifies it, dismisses it with a reason, merges it, or opens an incident from it.
//! Whoever reported follows it with a code, without an account.

mod act;
mod escalate;
mod files;
mod form;
mod intake;
pub(crate) mod mail;
pub mod model;
mod pages;
mod section;
mod signs;
mod store;
mod triage;
mod views;
mod waiting;

pub use intake::{Received, receive};
pub use model::{Alert, AlertId, AlertStatus, NewAlert};
pub use store::count_of_incident;

use futures::FutureExt;
use futures::future::BoxFuture;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use crate::feature::{Feature, Group, NavEntry};
use crate::incident::section::{GateKind, Section};
use crate::permission::Permission;
use crate::search::Source;
use crate::web::{Access, Routes};
use crate::work::Look;

/// The stream of the journal that holds everything about alerts.
pub const STREAM: &str = "alerts";

/// The largest body of a batch, in bytes.
const BATCH_LIMIT: usize = 8 << 20;

/// What this feature brings.
pub fn feature() -> Feature {
    Feature {
        routes: routes(),
        nav: vec![NavEntry {
            group: Group::Response,
            href: "/alerts",
            label: Text::new("Tiếp nhận", "Intake"),
            permission: Some(Permission::AlertRead),
            count: Some(not_taken),
        }],
        tables: &["alerts", "alert_files", "alert_events", "saved_views"],
        sections: vec![Section { kind: "intake", show: section::show }],
        gates: vec![GateKind { kind: "verified", count: section::verified }],
        sources: vec![Source { table: "alerts", load: store::load_for_search }],
        waiting: vec![waiting::mine],
        ..Feature::default()
    }
}

fn not_taken(look: &mut Look) -> BoxFuture<'_, Result<i64>> {
    async move {
        let scope = look.actor.scope(Permission::AlertRead);
        store::count_new(&mut look.tx, &scope, 100).await
    }
    .boxed()
}

fn routes() -> Routes {
    let public = Access::Public;
    let (read, create) = (Access::Need(Permission::AlertRead), Access::Need(Permission::AlertCreate));
    let (triage, open) = (Access::Need(Permission::AlertTriage), Access::Need(Permission::IncidentOpen));
    Routes::new()
        .page("/report", public, Text::new("Trang báo sự cố", "Public report page"), pages::report::form)
        .asks::<pages::report::Asked>()
        .upload("/report", public, Text::new("Gửi tin báo", "Send a report"), pages::report::send)
        .takes::<pages::report::ReportForm>("files")
        .act("/report/find", public, Text::new("Tìm tin báo theo mã", "Find a report by its code"), pages::report::find)
        .page("/report/{code}", public, Text::new("Theo dõi tin báo", "Follow a report"), pages::report::follow)
        .upload("/report/{code}/messages", public, Text::new("Nhắn thêm", "Add a message"), pages::report::add)
        .takes::<pages::report::MessageForm>("files")
        .page("/alerts", read, Text::new("Hàng chờ tiếp nhận", "The intake queue"), pages::queue::list)
        .asks::<pages::queue::Asked>()
        .page("/alerts/new", create, Text::new("Ghi nhận tin", "Record an alert"), pages::new::form)
        .upload(
            "/alerts/new",
            create,
            Text::new("Ghi nhận tin kèm tệp", "Record an alert with files"),
            pages::new::save,
        )
        .takes::<form::AlertForm>("files")
        .act_up_to(
            BATCH_LIMIT,
            "/alerts",
            create,
            Text::new("Gửi một hoặc nhiều cảnh báo", "Send one alert or many"),
            pages::new::take_in,
        )
        .upload(
            "/alerts/mail",
            create,
            Text::new("Ghi nhận từ thư .eml", "Record an alert from an .eml"),
            pages::new::mail,
        )
        .takes::<pages::new::MailForm>(mail::FIELD)
        .act(
            "/alerts/bulk",
            triage,
            Text::new("Làm cùng lúc với nhiều tin", "Act on several alerts"),
            pages::acts::bulk,
        )
        .act("/alerts/views", read, Text::new("Lưu bộ lọc", "Save a view"), views::save)
        .act("/alerts/views/{id}/delete", read, Text::new("Bỏ bộ lọc đã lưu", "Forget a view"), views::delete)
        .file("/alerts/live", read, Text::new("Báo có tin mới", "Says when something changes"), pages::live::live)
        .page("/alerts/{id}", read, Text::new("Một tin trong hàng chờ", "One alert of the queue"), pages::queue::detail)
        .asks::<pages::queue::Asked>()
        .act("/alerts/{id}/take", triage, Text::new("Nhận xử lý", "Take"), pages::acts::take)
        .act("/alerts/{id}/release", triage, Text::new("Trả lại hàng chờ", "Give back"), pages::acts::release)
        .act("/alerts/{id}/verify", triage, Text::new("Xác minh", "Verify"), pages::acts::verify)
        .act(
            "/alerts/{id}/dismiss",
            triage,
            Text::new("Bỏ qua, ghi kết quả", "Dismiss with an outcome"),
            pages::acts::dismiss,
        )
        .act("/alerts/{id}/merge", triage, Text::new("Gộp vào tin khác", "Merge into another"), pages::acts::merge)
        .act(
            "/alerts/{id}/restore",
            triage,
            Text::new("Đưa lại vào hàng chờ", "Put back into the queue"),
            pages::acts::restore,
        )
        .act("/alerts/{id}/answer", triage, Text::new("Nhắn người báo", "Answer the reporter"), pages::acts::answer)
        .upload("/alerts/{id}/files", triage, Text::new("Thêm tệp", "Add files"), pages::acts::add_files)
        .takes::<pages::acts::FilesForm>("files")
        .file("/alerts/{id}/files/{file}", read, Text::new("Tải tệp", "Download a file"), files::download)
        .asks::<files::Asked>()
        .page(
            "/alerts/{id}/open",
            open,
            Text::new("Mở sự cố từ tin", "Open an incident from an alert"),
            pages::open::form,
        )
        .act("/alerts/{id}/open", open, Text::new("Mở sự cố", "Open an incident"), pages::open::open)
        .act(
            "/alerts/{id}/join",
            triage,
            Text::new("Nhập vào sự cố đang mở", "Join an open incident"),
            pages::open::join,
        )
}
