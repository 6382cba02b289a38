//! What happens in the demonstration: an incident that is over, a ransomware incident in the middle of its steps, a queue of
//! reports. Invented from beginning to end.

mod deface;
mod letters;
mod queue;
mod ransom;
mod ransom_room;
mod ransom_work;
mod sensors;

use serde_json::json;
use ungcuu_kit::error::Result;

use super::people;
use super::stage::Stage;
use super::store;
use crate::actor::Actor;
use crate::org::AppointmentKind;
use crate::org::actions::{NewAppointment, appoint};

/// A system of the register.
struct NewSystem {
    name: &'static str,
    operator: &'static str,
    owner: &'static str,
    purpose: &'static str,
    provider: &'static str,
    link: &'static str,
    addresses: &'static str,
    domains: &'static str,
    os: (&'static str, &'static str),
    services: &'static str,
    safeguards: &'static str,
}

/// Plays the whole story.
pub async fn play(stage: &mut Stage) -> Result<()> {
    stage.at(deface::began(stage) + 2 * 24 * 60).await?;
    reach(stage).await?;
    let portal = enter(
        stage,
        NewSystem {
            name: "Cổng thông tin điện tử Huyện",
            operator: "vp-huyen",
            owner: "ubnd-huyen",
            purpose: "Cung cấp thông tin chỉ đạo, điều hành, thủ tục hành chính cho người dân",
            provider: "",
            link: "Nhà cung cấp dịch vụ mạng trên địa bàn tỉnh",
            addresses: "192.0.2.10",
            domains: "caolanh.demo.example",
            os: ("Ubuntu Server", "20.04"),
            services: "[\"web\",\"database\"]",
            safeguards: "[\"firewall\"]",
        },
    )
    .await?;
    let counter = enter(
        stage,
        NewSystem {
            name: "Hệ thống máy tính và thư mục dùng chung bộ phận một cửa xã Ba Sao",
            operator: "xa-ba-sao",
            owner: "xa-ba-sao",
            purpose: "Tiếp nhận, giải quyết và trả kết quả thủ tục hành chính cho người dân",
            provider: "",
            link: "Nhà cung cấp dịch vụ mạng trên địa bàn tỉnh",
            addresses: "192.0.2.44",
            domains: "basao.demo.example",
            os: ("Windows Server", "2019"),
            services: "[\"application\",\"database\"]",
            safeguards: "[\"antivirus\",\"firewall\"]",
        },
    )
    .await?;
    team(stage).await?;
    deface::play(stage, &portal).await?;
    letters::write(stage).await?;
    stage.expect(queue::arrivals(stage));
    ransom::play(stage, &counter).await
}

/// How the units can be reached: without it no form of the law can be sent.
async fn reach(stage: &mut Stage) -> Result<()> {
    for office in people::offices()? {
        let unit = stage.unit_facts(&office.unit).await?;
        let body = json!({
            "name": unit.name, "short_name": unit.short_name, "kind": unit.kind, "parent": unit.parent_id,
            "email": office.email, "phone": office.phone, "address": office.address,
            "outside": if unit.outside { "on" } else { "" }, "note": unit.note, "version": unit.version,
        });
        stage.hand.act("quantri", &format!("/units/{}/edit", unit.id), body).await?;
    }
    Ok(())
}

async fn enter(stage: &mut Stage, new: NewSystem) -> Result<String> {
    let (operator, owner) = (stage.unit(new.operator).await?, stage.unit(new.owner).await?);
    let body = json!({
        "name": new.name, "purpose": new.purpose, "operator": operator, "owner": owner, "level": 2,
        "provider": new.provider, "link_provider": new.link, "addresses": new.addresses, "domains": new.domains,
        "os_name": new.os.0, "os_version": new.os.1, "services": new.services, "safeguards": new.safeguards,
    });
    stage.hand.make("quantri", "/systems/new", body).await
}

/// The response team by decision, and the officers in charge.
async fn team(stage: &mut Stage) -> Result<()> {
    let officer = "Làm đầu mối về an toàn thông tin mạng của đơn vị; tiếp nhận, báo cáo sự cố";
    let parts = [
        ("bao", "to-ung-cuu", AppointmentKind::Lead, "Chỉ huy ứng cứu, phân công thành viên, báo cáo Ban Chỉ đạo"),
        ("ngan", "to-ung-cuu", AppointmentKind::Deputy, "Thay Tổ trưởng khi vắng; máy trạm, thiết bị thay thế"),
        ("tung", "to-ung-cuu", AppointmentKind::Member, "Phân tích nhật ký, mã độc; giữ chứng cứ"),
        ("lan", "phong-vhtt", AppointmentKind::Officer, officer),
        ("phuc", "vp-huyen", AppointmentKind::Officer, officer),
        ("hoa", "xa-ba-sao", AppointmentKind::Officer, officer),
        ("ut", "xa-my-hiep", AppointmentKind::Officer, officer),
        ("khoa", "xa-an-binh", AppointmentKind::Officer, officer),
        ("oanh", "xa-nhi-my", AppointmentKind::Officer, officer),
        ("son", "tt-my-tho", AppointmentKind::Officer, officer),
    ];
    for (login, unit, kind, duties) in parts {
        let unit_id = stage.unit(unit).await?;
        let mut work = stage.hand.app.work(Actor::system()).await?;
        let person_id = store::person(&mut work.tx, login).await?;
        let decision_no = if unit == "to-ung-cuu" { "15/QĐ-UBND" } else { "16/QĐ-UBND" };
        let from = work.now;
        let new = NewAppointment {
            unit_id,
            person_id,
            kind,
            decision_no: decision_no.to_owned(),
            duties: duties.to_owned(),
            from,
        };
        appoint(&mut work, new).await?;
        work.commit().await?;
    }
    Ok(())
}
