//! What comes into the queue while the running incident goes on: some of it is somebody's already, some waits.

use serde_json::{Value, json};

use crate::demo::stage::{Arrival, Stage, Then};

/// Title, what was told, how severe, from where, from which unit.
struct Told<'a>(&'a str, &'a str, i64, &'a str, &'a str);

/// The reports of the last nine hours.
pub fn arrivals(stage: &Stage) -> Vec<Arrival> {
    let alert = |minutes: i64, Told(title, description, severity, source, unit): Told, more: Value| {
        let mut alert = json!({
            "title": title, "description": description, "severity": severity, "source": source, "unit": unit,
            "noticed_at": stage.moment(minutes + 4).to_iso(),
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            alert[field] = value.clone();
        }
        json!({ "alerts": [alert] })
    };
    let mut arrivals: Vec<Arrival> = Vec::new();
    let mut comes = |minutes: i64, told: Told, more: Value, then: Then| {
        arrivals.push(Arrival { minutes, alert: alert(minutes, told, more), then });
    };
    comes(
        541,
        Told(
            "Cảnh báo lỗ hổng nghiêm trọng trên máy chủ thư điện tử",
            "Sở Thông tin và Truyền thông chuyển cảnh báo của cơ quan điều phối, đề nghị rà soát, cập nhật bản vá và báo \
             cáo kết quả trong 03 ngày.",
            3,
            "upper_body",
            "phong-vhtt",
        ),
        json!({}),
        Then::Taken("lan", 21),
    );
    comes(
        468,
        Told(
            "Mất mạng toàn trụ sở",
            "Không vào được mạng từ nửa giờ nay, điện thoại bàn dùng chung đường truyền cũng mất tín hiệu.",
            2,
            "phone",
            "xa-an-binh",
        ),
        json!({ "reporter_name": "Võ Minh Khoa", "reporter_phone": "0900 000 027" }),
        Then::Dismissed(
            "thao",
            33,
            "expected",
            "Nhà mạng nâng cấp tuyến cáp theo lịch đã báo tuần trước; đã có mạng trở lại.",
        ),
    );
    comes(
        396,
        Told(
            "Tài khoản thư công vụ tự gửi thư",
            "Đồng nghiệp ở ba đơn vị báo nhận được thư lạ mang tên tôi, tôi không gửi. Vẫn đăng nhập được.",
            3,
            "unit",
            "xa-nhi-my",
        ),
        json!({ "reporter_name": "Nguyễn Thị Kiều Oanh", "reporter_phone": "0900 000 036" }),
        Then::Taken("thao", 18),
    );
    comes(
        263,
        Told(
            "Thư giả danh cơ quan thuế kèm tệp nén",
            "Hai công chức nhận thư từ thongbao@thue-dientu.example, có tệp thong-bao-thue.zip. Chưa ai mở.",
            3,
            "email",
            "xa-my-hiep",
        ),
        json!({
            "reporter_name": "Phạm Thị Út", "reporter_phone": "0900 000 026", "scenario": "a02_spoof",
            "indicators": "thongbao@thue-dientu.example\nthong-bao-thue.zip",
        }),
        Then::Waits,
    );
    comes(
        207,
        Told(
            "Máy bộ phận kế toán chạy chậm, quạt kêu to",
            "Máy nóng và chậm từ đầu buổi, chương trình quản lý tác vụ tự tắt khi mở.",
            2,
            "phone",
            "phong-tckh",
        ),
        json!({ "reporter_name": "Cao Thị Bích Liên", "reporter_phone": "0900 000 013" }),
        Then::Waits,
    );
    for (minutes, times) in [(121, 312), (118, 298), (97, 305), (61, 344)] {
        comes(
            minutes,
            Told(
                "Nhiều lần đăng nhập sai vào phần mềm quản lý văn bản",
                &format!("{times} lần sai trong 10 phút từ địa chỉ 203.0.113.140, thử lần lượt nhiều tên tài khoản."),
                3,
                "sensor",
                "vp-huyen",
            ),
            json!({ "scenario": "a04_intrusion", "indicators": "203.0.113.140" }),
            Then::Waits,
        );
    }
    comes(
        74,
        Told(
            "Nhặt được USB lạ ở bãi giữ xe",
            "Bảo vệ nhặt được một USB dán nhãn “Bảng lương”, đang để trong phong bì, chưa cắm vào máy nào.",
            1,
            "in_person",
            "xa-phong-my",
        ),
        json!({}),
        Then::Waits,
    );
    comes(
        39,
        Told(
            "Trang giả mạo nộp hồ sơ trực tuyến",
            "Người dân gửi đường dẫn hxxp://nop-ho-so[.]dichvu-cong[.]example/dang-nhap, giao diện giống cổng dịch vụ công, \
             hỏi mật khẩu ngân hàng.",
            3,
            "press",
            "phong-vhtt",
        ),
        json!({ "scenario": "a02_spoof", "indicators": "hxxp://nop-ho-so[.]dichvu-cong[.]example/dang-nhap" }),
        Then::Waits,
    );
    comes(
        13,
        Told(
            "Phần mềm diệt virus báo hết hạn ở 6 máy",
            "Sáu máy của bộ phận một cửa hiện thông báo hết hạn, không cập nhật được mẫu mới.",
            1,
            "unit",
            "tt-my-tho",
        ),
        json!({ "reporter_name": "Kiều Văn Sơn", "reporter_phone": "0900 000 023" }),
        Then::Waits,
    );
    comes(
        5,
        Told(
            "Hộp thư văn phòng nhận hàng trăm thư báo lỗi gửi trả",
            "Trong 15 phút có hơn 200 thư báo không gửi được, người gửi là hộp thư văn phòng.",
            2,
            "unit",
            "vp-huyen",
        ),
        json!({ "reporter_name": "Mai Thị Hồng Nhung", "reporter_phone": "0900 000 011" }),
        Then::Waits,
    );
    arrivals
}
