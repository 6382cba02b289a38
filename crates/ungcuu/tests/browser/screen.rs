//! A browser window and the person in front of it. What they do is said as people say it: they press a button by its words,
//! fill in a field by its label, and look for a sentence.
//!
//! Nothing sleeps a fixed time: everything waits for what it needs, up to [`PATIENCE`].

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::Client;
use fantoccini::cookies::Cookie;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;

use super::browser::{Browser, Manner, Vendor};
use super::site::{PASSWORD, PATIENCE, Site};

const SCRIPT: &str = include_str!("page.js");

/// A browser of its own, with one window.
pub struct Screen {
    client: Client,
    address: String,
    /// The cookies of everyone who has signed in here, so that they take turns without signing in anew.
    signed_in: Mutex<HashMap<String, Vec<Cookie<'static>>>>,
    who: Mutex<String>,
    /// What was wrong on any page on the way; told at the end.
    wrong: Mutex<Vec<String>>,
    driver: Option<Child>,
    _profile: TempDir,
}

impl Screen {
    /// A window of 1440 by 900.
    pub async fn open(site: &Site) -> Screen {
        Screen::open_with(site, Manner::default()).await
    }

    pub async fn open_with(site: &Site, manner: Manner) -> Screen {
        let Browser { client, driver, profile } = Browser::start(manner).await;
        let screen = Screen {
            client,
            address: site.address.clone(),
            signed_in: Mutex::default(),
            who: Mutex::default(),
            wrong: Mutex::default(),
            driver: Some(driver),
            _profile: profile,
        };
        screen.desk().await;
        screen
    }

    /// Says what was wrong on the way, and closes the window.
    pub async fn close(mut self) {
        self.look_for_wrongs().await;
        self.client.clone().close().await.expect("the window closes");
        if let Some(mut driver) = self.driver.take() {
            let _ = driver.kill().await;
        }
        let wrong = self.wrong.lock().expect("whole");
        assert!(wrong.is_empty(), "seen on the way:\n{}", wrong.join("\n"));
    }

    // The window.

    /// An office screen, 1440 wide.
    pub async fn desk(&self) {
        self.size(1440, 900).await;
    }

    /// A phone, 360 wide.
    pub async fn phone(&self) {
        self.size(360, 760).await;
    }

    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700 });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Prefers light or dark pages, as a machine's setting does; and no motion, so that colours are what they will be.
    pub async fn prefers(&self, scheme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        let command = Vendor { path: "goog/cdp/execute", body };
        self.client.issue_cmd(command).await.expect("the browser does it")
    }

    // Who sits there.

    /// Signs in with the form, or takes over the session that this person began here before.
    pub async fn becomes(&self, login: &str) {
        let known = self.signed_in.lock().expect("whole").get(login).cloned();
        *self.who.lock().expect("whole") = login.to_owned();
        if let Some(cookies) = known {
            self.client.delete_all_cookies().await.expect("forgotten");
            for cookie in cookies {
                self.client.add_cookie(cookie).await.expect("remembered");
            }
            return;
        }
        self.leaves().await;
        self.goes_to("/sign-in").await;
        self.fills("Tên đăng nhập", login).await;
        self.fills("Mật khẩu", PASSWORD).await;
        self.clicks("Đăng nhập").await;
        let cookies = self.client.get_all_cookies().await.expect("cookies");
        assert!(cookies.iter().any(|cookie| cookie.name() == "ungcuu_session"), "{login} did not get in");
        self.signed_in.lock().expect("whole").insert(login.to_owned(), cookies);
    }

    /// Nobody is signed in here any more.
    pub async fn leaves(&self) {
        if self.path().await.is_empty() {
            self.goes_to("/sign-in").await;
        }
        self.client.delete_all_cookies().await.expect("forgotten");
    }

    /// The session as a request header says it.
    pub async fn session(&self) -> String {
        let cookie = self.client.get_named_cookie("ungcuu_session").await.expect("signed in");
        format!("ungcuu_session={}", cookie.value())
    }

    // Where they are.

    pub async fn goes_to(&self, path: &str) {
        self.look_for_wrongs().await;
        // The driver answers when the page is whole.
        self.client.goto(&format!("{}{path}", self.address)).await.expect("the page comes");
    }

    /// Path and query of the page, empty before the first one.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        if !url.as_str().starts_with("http") {
            return String::new();
        }
        url.as_str().trim_start_matches(&self.address).to_owned()
    }

    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    // What they do.

    /// Presses a link or button that leads to another page, and waits for that page.
    pub async fn clicks(&self, words: &str) {
        self.clicks_in("", words).await;
    }

    /// Presses it in the part of the page that holds these words, when several are alike.
    pub async fn clicks_in(&self, part: &str, words: &str) {
        self.look_for_wrongs().await;
        self.press(part, words, "LEAVING").await;
        self.leave(words).await;
    }

    /// Presses a button that asks first; reads the question and agrees. The question holds these words.
    pub async fn clicks_and_agrees(&self, words: &str, question: &str) {
        self.agrees_in("", words, question).await;
    }

    pub async fn agrees_in(&self, part: &str, words: &str, question: &str) {
        self.look_for_wrongs().await;
        self.press(part, words, "LEAVING").await;
        self.sees(question).await;
        let asked = self.script("return !!document.querySelector('[data-confirm-box][open]')", vec![]).await;
        assert!(asked == json!(true), "“{words}” asks nothing");
        let yes = self.element("return document.querySelector('[data-confirm-yes]')", vec![]).await;
        yes.expect("a way to agree").click().await.expect("pressed");
        self.leave(words).await;
    }

    /// Presses something that stays on the page: a fold, a menu, a tile.
    pub async fn presses(&self, words: &str) {
        self.press("", words, "STAYING").await;
    }

    /// Unfolds what is folded under these words, unless it stands open.
    pub async fn unfolds(&self, words: &str) {
        self.unfolds_in("", words).await;
    }

    pub async fn unfolds_in(&self, part: &str, words: &str) {
        let open =
            "const fold = pressable(arguments[0], arguments[1], 'summary'); return !!fold && fold.parentElement.open";
        if self.script(open, vec![json!(words), json!(part)]).await != json!(true) {
            self.press(part, words, "'summary'").await;
        }
    }

    /// Nothing that can be pressed begins with these words. Ask only after something else of the page was seen.
    pub async fn cannot_press(&self, words: &str) {
        let found = "const found = pressable(arguments[0]); return !!found && words(found).startsWith(arguments[0])";
        let offered = self.script(found, vec![json!(words)]).await == json!(true);
        if offered {
            let there = self.describe().await;
            panic!("{} may press “{words}” on {there}", self.who.lock().expect("whole"));
        }
    }

    async fn press(&self, part: &str, words: &str, which: &str) {
        // Bars that stand fast at the foot of a page cover what is only just in sight.
        let find = format!(
            "const found = pressable(arguments[0], arguments[1], {which});
            if (found) found.scrollIntoView({{ block: 'center' }});
            return found"
        );
        let what = format!("something to press called “{words}”{}", within(part));
        self.until(&what, async || {
            let element = self.element(&find, vec![json!(words), json!(part)]).await?;
            element.click().await.ok()
        })
        .await;
    }

    /// Types into the field with this label, in place of what stood there.
    pub async fn fills(&self, label: &str, value: &str) {
        self.fills_in("", label, value).await;
    }

    pub async fn fills_in(&self, part: &str, label: &str, value: &str) {
        let what = format!("a field labelled “{label}”{}", within(part));
        self.until(&what, async || {
            let field = self.field(part, label).await?;
            let kind = field.prop("type").await.ok()?.unwrap_or_default();
            if ["datetime-local", "date", "time"].contains(&kind.as_str()) {
                let field = serde_json::to_value(&field).expect("an element");
                self.try_script("put(arguments[0], arguments[1])", vec![field, json!(value)]).await.ok()?;
                return Some(());
            }
            field.clear().await.ok()?;
            field.send_keys(value).await.ok()
        })
        .await;
    }

    /// Chooses from the list or the options with this label.
    pub async fn chooses(&self, label: &str, choice: &str) {
        self.chooses_in("", label, choice).await;
    }

    pub async fn chooses_in(&self, part: &str, label: &str, choice: &str) {
        let what = format!("a choice “{choice}” under “{label}”{}", within(part));
        let find = "return choose(arguments[0], arguments[1], arguments[2])";
        self.until(&what, async || {
            let chosen = self.element(find, vec![json!(label), json!(choice), json!(part)]).await?;
            if chosen.tag_name().await.ok()? == "select" { Some(()) } else { chosen.click().await.ok() }
        })
        .await;
    }

    /// Ticks a box by its words, unless it is ticked.
    pub async fn ticks_in(&self, part: &str, label: &str) {
        self.until(&format!("a box “{label}”{}", within(part)), async || {
            let field = self.field(part, label).await?;
            if field.is_selected().await.ok()? { Some(()) } else { field.click().await.ok() }
        })
        .await;
    }

    /// Picks a file for the field with this label.
    pub async fn attaches(&self, label: &str, file: &str) {
        self.until(&format!("a field for files “{label}”"), async || {
            self.field("", label).await?.send_keys(file).await.ok()
        })
        .await;
    }

    /// Types keys where the focus is, as a keyboard does.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.expect("something has the focus").send_keys(keys).await.expect("typed");
    }

    /// What stands in the field with this label.
    pub async fn value_of(&self, label: &str) -> String {
        self.until(&format!("a field labelled “{label}”"), async || {
            self.field("", label).await?.prop("value").await.ok().flatten()
        })
        .await
    }

    // What they see.

    /// Waits until these words are in sight.
    pub async fn sees(&self, words: &str) {
        let what = format!("“{words}”");
        self.until(&what, async || {
            self.shown().await.ok()?.to_lowercase().contains(&words.to_lowercase()).then_some(())
        })
        .await;
    }

    /// These words are not on the page. Ask only after something else of the page was seen.
    pub async fn does_not_see(&self, words: &str) {
        let shown = self.shown().await.expect("a page");
        assert!(!shown.to_lowercase().contains(&words.to_lowercase()), "“{words}” is on {}", self.describe().await);
    }

    /// Everything in sight, spaces made one.
    pub async fn shown(&self) -> Result<String, CmdError> {
        Ok(self.try_script("return shown()", vec![]).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page with the helpers of `page.js`.
    pub async fn script(&self, body: &str, arguments: Vec<Value>) -> Value {
        self.try_script(body, arguments).await.expect("the script runs")
    }

    /// Waits until a script says something true, and hands it over.
    pub async fn until_script(&self, what: &str, body: &str) -> Value {
        self.until(what, async || {
            let said = self.try_script(body, vec![]).await.ok()?;
            (said != Value::Null && said != json!(false) && said != json!("")).then_some(said)
        })
        .await
    }

    /// A picture of the page as far as it goes, up to 2,400 points down; taken in a window as high as that, so that what
    /// stands fast at the foot of the window stands at the foot of the picture. The window is left so.
    pub async fn picture(&self) -> Vec<u8> {
        let size =
            "const page = document.documentElement; return [innerWidth, Math.max(innerHeight, page.scrollHeight)]";
        let size = self.client.execute(size, vec![]).await.expect("a size");
        let (width, height) = (size[0].as_u64().expect("a width"), size[1].as_u64().expect("a height").min(2400));
        self.size(width as u32, height as u32).await;
        let taken = self.devtools("Page.captureScreenshot", json!({})).await;
        let data = taken["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    async fn field(&self, part: &str, label: &str) -> Option<Element> {
        self.element("return fieldOf(arguments[0], arguments[1])", vec![json!(label), json!(part)]).await
    }

    async fn element(&self, body: &str, arguments: Vec<Value>) -> Option<Element> {
        let found = self.try_script(body, arguments).await.ok()?;
        let id = found.as_object()?.values().next()?.as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), ElementRef::from(id)))
    }

    async fn try_script(&self, body: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        self.client.execute(&format!("{SCRIPT}\n{body}"), arguments).await
    }

    /// Waits until another document is there, and whole.
    async fn leave(&self, words: &str) {
        let left = "return document.documentElement.marked !== true && document.readyState === 'complete'";
        self.until(&format!("another page after “{words}”"), async || {
            (self.client.execute(left, vec![]).await.ok()? == json!(true)).then_some(())
        })
        .await;
    }

    /// Notes what spoils the page and what its script or policy complained of; leaves a mark in this document, which the next
    /// one lacks.
    pub async fn look_for_wrongs(&self) {
        let look = "document.documentElement.marked = true; return [location.href, ...spoiled()]";
        let Ok(Value::Array(seen)) = self.try_script(look, vec![]).await else { return };
        let mut seen = seen.iter().filter_map(Value::as_str);
        let Some(path) = seen.next().and_then(|href| href.strip_prefix(&self.address)) else { return };
        let mut found: Vec<String> = seen.map(str::to_owned).collect();
        let log = Vendor { path: "se/log", body: json!({ "type": "browser" }) };
        if let Ok(Value::Array(entries)) = self.client.issue_cmd(log).await {
            let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
            found.extend(
                severe.filter_map(|entry| entry["message"].as_str()).filter(|told| !expected(told)).map(str::to_owned),
            );
        }
        let mut wrong = self.wrong.lock().expect("whole");
        for one in found {
            let line = format!("{path}: {one}");
            if !wrong.contains(&line) {
                wrong.push(line);
            }
        }
    }

    /// Asks again and again until there is an answer.
    pub async fn until<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            if begun.elapsed() > PATIENCE {
                let there = self.describe().await;
                panic!("{} waited in vain for {what} on {there}", self.who.lock().expect("whole"));
            }
            // Not a guess at how long something takes, only the pace of asking.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    async fn describe(&self) -> String {
        if let Ok(folder) = std::env::var("UNGCUU_SCREENSHOTS") {
            let _ = std::fs::write(format!("{folder}/failed.png"), self.picture().await);
        }
        format!("{}:\n{}", self.path().await, self.shown().await.unwrap_or_default())
    }
}

/// A test that fails leaves no browser behind: the driver and all it started are told to end.
impl Drop for Screen {
    fn drop(&mut self) {
        if let Some(pid) = self.driver.as_ref().and_then(Child::id) {
            let _ = std::process::Command::new("kill").args(["-TERM", "--", &format!("-{pid}")]).status();
        }
    }
}

/// Answers that a test provokes on purpose are no fault of the page.
fn expected(told: &str) -> bool {
    told.contains("Failed to load resource")
        && ["400", "403", "404", "409", "422"].iter().any(|code| told.contains(code))
}

fn within(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!(" where it says “{part}”") }
}
