//! Two people change the same thing: whoever is second sees theirs beside their own, and keeps one, the other or both.

use crate::incident_work::Scene;
use crate::support::{Answer, Person};

/// The step's first finding, as two people write it.
struct Finding {
    scene: Scene,
    binh: Person,
    step: String,
}

impl Finding {
    async fn new() -> Finding {
        let scene = Scene::at("b1").await;
        let binh = scene.app.person("Lê Thị Bình", "xa-ba-sao", &["van_hanh"]).await;
        let step = format!("/incidents/{}/steps/b1", scene.incident);
        Finding { scene, binh, step }
    }

    async fn write(&self, who: &Person, version: &str, text: &str, more: &[(&str, &str)]) -> Answer {
        let fields = [("_page", self.step.as_str()), ("version", version), ("text", text)];
        let path = format!("{}/findings/summary", self.step);
        self.scene.app.post(Some(who), &path, &[&fields, more].concat()).await
    }
}

#[tokio::test]
async fn two_who_write_the_same_finding_see_each_others_words() {
    let finding = Finding::new().await;
    let (scene, an) = (&finding.scene, &finding.scene.operator);
    finding.write(&finding.binh, "0", "Bình ghi trước.", &[]).await.is(303);
    let refused = finding.write(an, "0", "An ghi sau.", &[]).await;
    refused
        .is(409)
        .shows("Nội dung này vừa được người khác sửa")
        .shows("Lê Thị Bình")
        .shows("Bình ghi trước.")
        .shows("An ghi sau.");
    refused.shows("name=\"version\" value=\"1\"");
    // The step ended while someone was writing: the words are kept in sight.
    scene.set("UPDATE incident_steps SET state = 'done' WHERE incident_id = $1 AND step = $2", "b1").await;
    finding.write(an, "0", "An còn viết.", &[]).await.is(409).shows("An còn viết.");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn both_texts_can_be_put_into_the_field() {
    let finding = Finding::new().await;
    let (scene, an) = (&finding.scene, &finding.scene.operator);
    finding.write(&finding.binh, "0", "Bình ghi trước.", &[]).await.is(303);
    let refused = finding.write(an, "0", "An ghi sau.", &[]).await;
    let id = format!("f-{}-findings-summary", finding.step.trim_matches('/').replace(['/', '_'], "-"));
    let carried = format!("name=\"_theirs.text\" value=\"Bình ghi trước.\" form=\"{id}\"");
    refused.is(409).shows(&carried).shows(&format!("name=\"_merge\" value=\"1\" form=\"{id}\" formnovalidate"));
    refused.shows(&format!("<a class=\"button\" href=\"{}\" data-forget=\"{id}\">Giữ bản của họ</a>", finding.step));
    refused.shows(&format!("id=\"{id}\""));

    // A third save between seeing the two and joining them is not overwritten unseen.
    finding.write(&finding.binh, "1", "Bình ghi thêm.", &[]).await.is(303);
    let both = [("_merge", "1"), ("_theirs.text", "Bình ghi trước.")];
    let joined = finding.write(an, "1", "An ghi sau.", &both).await;
    let text = "Bình ghi trước.\n\n----------\n\nAn ghi sau.";
    joined.is(409).shows("hai bản đã đứng chung trong ô").shows(&format!(">\n{text}</textarea>"));
    joined.shows("name=\"version\" value=\"1\"").hides("name=\"_merge\"");
    let refused = finding.write(an, "1", text, &[]).await;
    refused.is(409).shows("Bình ghi thêm.").shows("name=\"version\" value=\"2\"");
    finding.write(an, "2", text, &[]).await.is(303);

    let theirs = scene.app.get(Some(&finding.binh), &finding.step).await;
    theirs.is(200).shows("An ghi sau.").hides("Nội dung này vừa được người khác sửa");
    scene.app.assert_sound().await;
}

#[tokio::test]
async fn an_error_does_not_make_a_form_newer_than_it_is() {
    let finding = Finding::new().await;
    let an = &finding.scene.operator;
    finding.write(&finding.binh, "0", "Bình ghi trước.", &[]).await.is(303);
    let long = "x".repeat(20_001);
    let refused = finding.write(an, "0", &long, &[]).await;
    assert!(matches!(refused.status.as_u16(), 409 | 422), "{}", refused.status);
    if refused.status.as_u16() == 422 {
        refused.shows("name=\"version\" value=\"0\"");
    }
    let old =
        Person { csrf: "0".repeat(64), ..finding.scene.app.person("Trần An", "xa-ba-sao", &["van_hanh"]).await };
    finding
        .write(&old, "0", "Gõ từ sáng.", &[])
        .await
        .is(409)
        .shows("Gõ từ sáng.")
        .shows("name=\"version\" value=\"0\"");
    finding.scene.app.assert_sound().await;
}
