//! The pages of incidents, one file a page with its acts.

mod class;
mod close;
mod facts;
mod journal;
mod list;
mod live;
mod new;
mod overview;
mod parts;
mod step;
mod steps;
mod timeline;

use ungcuu_kit::text::Text;

pub use list::{Line, worst_open};

use crate::permission::Permission::{IncidentClose, IncidentOpen, IncidentRead, IncidentReopen};
use crate::web::{Access, Routes};

/// Every route of the feature, without what is worked on within a step.
pub fn routes() -> Routes {
    let read = Access::Need(IncidentRead);
    let say = Text::new;
    Routes::new()
        .page("/incidents", read, say("Danh sách sự cố", "Incidents"), list::list)
        .asks::<list::Asked>()
        .page("/incidents/new", Access::Need(IncidentOpen), say("Mở sự cố", "Open an incident"), new::new)
        .asks::<new::NewQuery>()
        .act("/incidents/new", Access::Need(IncidentOpen), say("Mở sự cố", "Open an incident"), new::open)
        .page("/incidents/{id}", read, say("Tổng quan sự cố", "An incident's overview"), overview::overview)
        .file("/incidents/{id}/live", read, say("Thay đổi của sự cố", "Changes as they happen"), live::live)
        .asks::<live::Asked>()
        .page("/incidents/{id}/steps", read, say("Các bước của sự cố", "An incident's steps"), steps::steps)
        .page("/incidents/{id}/steps/{step}", read, say("Một bước", "One step"), step::step)
        .asks::<step::Asked>()
        .act("/incidents/{id}/steps/{step}/finish", read, say("Hoàn thành bước", "Finish a step"), step::finish)
        .act("/incidents/{id}/steps/{step}/skip", read, say("Bỏ qua bước", "Skip a step"), step::skip)
        .act("/incidents/{id}/steps/{step}/reopen", read, say("Mở lại bước", "Open a step again"), step::reopen)
        .act("/incidents/{id}/steps/{step}/resume", read, say("Làm tiếp bước", "Take up a step again"), step::resume)
        .page("/incidents/{id}/edit", read, say("Sửa thông tin", "Change the facts"), facts::edit)
        .act("/incidents/{id}/edit", read, say("Sửa thông tin", "Change the facts"), facts::save)
        .act("/incidents/{id}/detected", read, say("Sửa giờ phát hiện", "Correct the detection"), facts::redate)
        .page("/incidents/{id}/class", read, say("Phân loại", "Classify"), class::class)
        .act("/incidents/{id}/class", read, say("Phân loại", "Classify"), class::save)
        .act("/incidents/{id}/law", read, say("Ghi dữ kiện theo luật", "Note what the law asks for"), class::save_law)
        .page("/incidents/{id}/parts", read, say("Hệ thống, đơn vị, người", "Systems, units, people"), parts::parts)
        .act("/incidents/{id}/systems", read, say("Thêm hệ thống", "Add a system"), parts::put_system)
        .act("/incidents/{id}/systems/{part}/remove", read, say("Bỏ hệ thống", "Take out"), parts::remove_system)
        .act("/incidents/{id}/units", read, say("Thêm đơn vị", "Add a unit"), parts::add_unit)
        .act("/incidents/{id}/units/{part}/remove", read, say("Bỏ đơn vị", "Take out a unit"), parts::remove_unit)
        .act(
            "/incidents/{id}/units/{part}/hand-over",
            read,
            say("Giao cho đơn vị khác", "Hand over to another unit"),
            parts::hand_over,
        )
        .act("/incidents/{id}/people", read, say("Mời người", "Draw in a person"), parts::put_person)
        .act("/incidents/{id}/people/{part}/remove", read, say("Bỏ người", "Take out"), parts::remove_person)
        .page("/incidents/{id}/close", Access::Need(IncidentClose), say("Kết thúc sự cố", "Close"), close::closing)
        .act("/incidents/{id}/close", Access::Need(IncidentClose), say("Kết thúc sự cố", "Close"), close::close)
        .page("/incidents/{id}/reopen", Access::Need(IncidentReopen), say("Mở lại", "Reopen"), close::reopening)
        .act("/incidents/{id}/reopen", Access::Need(IncidentReopen), say("Mở lại", "Reopen"), close::reopen)
        .page("/incidents/{id}/timeline", read, say("Diễn biến", "Timeline"), timeline::timeline)
        .asks::<timeline::Asked>()
        .act("/incidents/{id}/timeline", read, say("Ghi diễn biến", "Add to the timeline"), timeline::add)
        .page("/incidents/{id}/timeline/{event}", read, say("Một diễn biến", "One entry"), timeline::event)
        .act("/incidents/{id}/timeline/{event}", read, say("Sửa diễn biến", "Correct an entry"), timeline::save)
        .act("/incidents/{id}/timeline/{event}/star", read, say("Đưa vào tóm tắt", "Star"), timeline::star)
        .page("/incidents/{id}/journal", read, say("Nhật ký sự cố", "The incident's journal"), journal::journal)
        .asks::<journal::Asked>()
}
