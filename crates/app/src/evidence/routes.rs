//! Where evidence is found and what can be done with it.

use ungcuu_kit::text::Text;

use super::{custody, detail, download, form, pages, retention, sight, uploads};
use crate::permission::Permission::{EvidenceAdd, EvidenceRead, IncidentRead};
use crate::web::{Access, Routes};

/// The routes of this feature.
pub fn routes() -> Routes {
    register().and(item()).and(custody_of()).and(ending()).and(pieces())
}

fn register() -> Routes {
    Routes::new()
        .page(
            "/incidents/{id}/evidence",
            Access::Need(EvidenceRead),
            Text::new("Sổ chứng cứ của một sự cố", "The evidence of an incident"),
            pages::register,
        )
        .asks::<pages::RegisterQuery>()
        .upload(
            "/incidents/{id}/evidence/upload",
            Access::Need(EvidenceAdd),
            Text::new(
                "Thêm tệp chứng cứ: tệp trong biểu mẫu, và tệp đã gửi từng phần (trường uploads)",
                "Add files as evidence: files of the form, and files that came in pieces (field uploads)",
            ),
            pages::upload,
        )
        .takes::<form::FactsForm>("files")
        .act(
            "/incidents/{id}/evidence/add",
            Access::Need(EvidenceAdd),
            Text::new("Ghi sổ một vật chứng không có tệp", "Register an object without a file"),
            pages::add,
        )
}

fn item() -> Routes {
    Routes::new()
        .page(
            "/incidents/{id}/evidence/{item}",
            Access::Need(EvidenceRead),
            Text::new("Một chứng cứ và lịch sử của nó", "An item of evidence and its history"),
            detail::detail,
        )
        .file(
            "/incidents/{id}/evidence/{item}/file",
            Access::Need(EvidenceRead),
            Text::new("Tải tệp chứng cứ", "Download the file"),
            download::file,
        )
        .file(
            "/incidents/{id}/evidence/{item}/archive",
            Access::Need(EvidenceRead),
            Text::new("Tải tệp trong bản nén có mật khẩu", "Download the file in an archive with a password"),
            sight::archive::file,
        )
        .file(
            "/incidents/{id}/evidence/{item}/thumbnail",
            Access::Need(EvidenceRead),
            Text::new("Ảnh thu nhỏ của một chứng cứ", "A small copy of a picture"),
            sight::picture::thumbnail,
        )
        .page(
            "/incidents/{id}/evidence/{item}/mail",
            Access::Need(EvidenceRead),
            Text::new("Thư là chứng cứ, hiển thị an toàn", "A mail that is evidence, shown safely"),
            sight::mail::show,
        )
        .act(
            "/incidents/{id}/evidence/{item}/attachment",
            Access::Need(EvidenceAdd),
            Text::new("Tách tệp đính kèm của thư thành chứng cứ riêng", "Make an attachment an item of its own"),
            sight::mail::keep,
        )
        .act(
            "/incidents/{id}/evidence/{item}/correct",
            Access::Need(EvidenceAdd),
            Text::new("Sửa thông tin về chứng cứ", "Correct what is known about an item"),
            pages::correct,
        )
        .act(
            "/incidents/{id}/evidence/{item}/void",
            Access::Need(EvidenceAdd),
            Text::new("Loại chứng cứ khỏi hồ sơ, nêu lý do", "Declare an item void, with a reason"),
            pages::void,
        )
        .upload(
            "/incidents/{id}/evidence/{item}/check",
            Access::Need(EvidenceRead),
            Text::new("Tính lại mã băm của tệp", "Hash the file again"),
            pages::check,
        )
        .takes::<pages::CheckForm>("")
}

fn custody_of() -> Routes {
    Routes::new()
        .upload(
            "/incidents/{id}/evidence/{item}/acts",
            // Whoever is handed something answers, also when they may see no more of the evidence than that.
            Access::Need(IncidentRead),
            Text::new(
                "Ghi một việc với chứng cứ: niêm phong, bàn giao, nhận, sao chép, trả lại…",
                "Write down an act of custody: seal, hand over, receive, copy, return…",
            ),
            custody::pages::act,
        )
        .takes::<custody::form::ActForm>("photos")
        .or_json::<custody::form::ActForm>()
        .page(
            "/incidents/{id}/evidence/{item}/handover",
            Access::Need(IncidentRead),
            Text::new("Một bàn giao đang chờ trả lời", "A hand-over that waits for its answer"),
            custody::pages::handover,
        )
        .page(
            "/incidents/{id}/evidence/{item}/record",
            Access::Need(EvidenceRead),
            Text::new("Biên bản theo dõi một chứng cứ", "The custody record of an item"),
            custody::record::show,
        )
        .file(
            "/incidents/{id}/evidence/{item}/photos/{photo}",
            Access::Need(EvidenceRead),
            Text::new("Ảnh, biên bản kèm một việc", "A picture or paper of an act"),
            download::photo,
        )
        .asks::<download::PhotoQuery>()
}

fn ending() -> Routes {
    Routes::new()
        .page(
            "/evidence/disposal",
            Access::Need(EvidenceRead),
            Text::new("Chứng cứ đã hết thời hạn giữ", "Evidence that was kept long enough"),
            retention::pages::list,
        )
        .asks::<retention::pages::DueQuery>()
        .act(
            "/incidents/{id}/evidence/{item}/hold",
            Access::Need(EvidenceAdd),
            Text::new("Ra lệnh giữ chứng cứ, không được tiêu huỷ", "Lay a legal hold on an item"),
            retention::pages::hold,
        )
        .act(
            "/incidents/{id}/evidence/{item}/release",
            Access::Need(EvidenceAdd),
            Text::new("Bỏ lệnh giữ chứng cứ", "Lift the hold"),
            retention::pages::release,
        )
        .act(
            "/incidents/{id}/evidence/{item}/propose-destruction",
            Access::Need(EvidenceAdd),
            Text::new("Đề nghị tiêu huỷ một chứng cứ", "Propose to destroy an item"),
            retention::pages::propose,
        )
        .act(
            "/incidents/{id}/evidence/{item}/decline-destruction",
            Access::Need(EvidenceAdd),
            Text::new("Bỏ đề nghị tiêu huỷ", "Take the proposal away"),
            retention::pages::decline,
        )
        .act(
            "/incidents/{id}/evidence/{item}/destroy",
            Access::Need(EvidenceAdd),
            Text::new("Đồng ý tiêu huỷ (người thứ hai)", "Agree to destroy an item (the second person)"),
            retention::pages::agree,
        )
}

fn pieces() -> Routes {
    Routes::new()
        .page(
            "/incidents/{id}/uploads",
            Access::Need(EvidenceAdd),
            Text::new(
                "Tệp của tôi đang gửi dở: đã nhận bao nhiêu, gửi tiếp từ đâu",
                "My files on their way: how much has come, where to go on",
            ),
            uploads::pages::list,
        )
        .act(
            "/incidents/{id}/uploads/begin",
            Access::Need(EvidenceAdd),
            Text::new("Bắt đầu gửi một tệp từng phần", "Begin a file that comes in pieces"),
            uploads::pages::begin,
        )
        .upload(
            "/incidents/{id}/uploads/{upload}/append",
            Access::Need(EvidenceAdd),
            Text::new(
                "Gửi một phần của tệp: nội dung là các byte, offset là vị trí bắt đầu",
                "Send a piece of a file: the body is its bytes, offset where it begins",
            ),
            uploads::pages::append,
        )
        .asks::<uploads::pages::AppendQuery>()
        .act(
            "/incidents/{id}/uploads/{upload}/drop",
            Access::Need(EvidenceAdd),
            Text::new("Bỏ một tệp gửi dở", "Give a file up"),
            uploads::pages::give_up,
        )
}
