//! Letters that the lead unit writes once the first incident is over: two that can go, one to a provider whose address
//! nobody entered.

use ungcuu_kit::error::{Error, Result};
use ungcuu_kit::text::Text;

use crate::auth::actor_of;
use crate::demo::stage::Stage;
use crate::demo::store;
use crate::notify::letter::{About, NewLetter, To, post};

/// Writes them, as the officer of the lead unit.
pub async fn write(stage: &mut Stage) -> Result<()> {
    let app = stage.hand.app.clone();
    let recipients = [
        To::Unit(stage.unit("vp-huyen").await?),
        To::Unit(stage.unit("tt-vhtt").await?),
        To::Address {
            name: "Nhà cung cấp dịch vụ mạng trên địa bàn tỉnh".to_owned(), address: String::new()
        },
    ];
    let mut tx = app.db.read().await?;
    let account = store::account(&mut tx, "lan").await?;
    let officer = actor_of(&app, &mut tx, &account).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let mut work = app.work(officer).await?;
    for to in recipients {
        let new = NewLetter {
            to,
            // Letters to units are in Vietnamese.
            subject: Text::same("Mời họp rút kinh nghiệm sau sự cố trang thông tin điện tử"),
            body: Text::same(
                "Kính mời đơn vị cử người dự họp rút kinh nghiệm, 14 giờ thứ Sáu tuần này tại phòng họp số 2.\n\
                 Đề nghị mang theo nhật ký máy chủ đã trích và danh sách tài khoản quản trị.\n\nTrân trọng.",
            ),
            attachments: Vec::new(),
            about: About { stream: String::new(), url: "/incidents?state=closed".to_owned() },
        };
        post(&mut work, new).await?;
    }
    work.commit().await
}
