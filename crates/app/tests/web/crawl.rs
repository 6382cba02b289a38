//! The demonstration, page by page: every link that a person is offered leads somewhere they may go, every form to a
//! route, in both languages; and every page of the product is on somebody's way.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, header};
use ungcuu_app::web::{Kind, Route};
use ungcuu_kit::text::Lang;
use ungcuu_kit::time::DAY;

use crate::roles::{report, session_of};
use crate::routes::is_post;
use crate::support::{Person, TestApp};

/// At most so many pages a person; lists page on and on.
const PAGES: usize = 250;
/// Of pages that differ only in their identifiers, so many are enough.
const ALIKE: usize = 2;

/// Who works in a unit that was hit or only reports; the others work for the whole locality.
const OF_UNITS: &[&str] = &["chutich", "chin", "phuc", "hoa", "ut"];

/// Pages that no link of the demonstration leads to, and why.
const APART: &[(&str, &str)] = &[("/ui", "the parts of the interface, for those who build it")];

#[tokio::test]
async fn every_link_offered_to_the_offices_leads_somewhere_and_every_page_is_on_somebodys_way() {
    let (app, logins) = demonstration().await;
    let mut walk = Walk::new(&app, Lang::Vi);
    for login in logins.iter().filter(|login| !OF_UNITS.contains(&login.as_str())) {
        let person = session_of(&app, login).await;
        let seen = walk.go(&app, Some(&person), login, &["/"]).await;
        assert!(seen > 5, "{login} saw only {seen} pages");
    }
    let code = format!("/report/{}", report(&app).await);
    walk.go(&app, None, "nobody", &["/sign-in", "/report", &code]).await;
    let routes = ungcuu_app::routes();
    let pages = routes.entries().iter().filter(|route| route.kind == Kind::Page).map(|route| route.path);
    let apart: BTreeSet<&str> = APART.iter().map(|(path, _)| *path).collect();
    let never: Vec<&str> = pages.filter(|path| !walk.visited.contains(path) && !apart.contains(path)).collect();
    let found: Vec<_> = apart.iter().filter(|path| walk.visited.contains(*path)).collect();
    assert!(found.is_empty(), "no longer apart: {found:?}");
    walk.must_be_clean();
    assert!(never.is_empty(), "nobody was led to {never:?}");
}

#[tokio::test]
async fn every_link_offered_to_a_unit_leads_somewhere() {
    let (app, logins) = demonstration().await;
    let mut walk = Walk::new(&app, Lang::Vi);
    for login in OF_UNITS {
        assert!(logins.iter().any(|known| known == login), "{login}");
        let person = session_of(&app, login).await;
        let seen = walk.go(&app, Some(&person), login, &["/"]).await;
        assert!(seen > 5, "{login} saw only {seen} pages");
    }
    walk.must_be_clean();
}

#[tokio::test]
async fn the_demonstration_speaks_english_throughout_to_whoever_wants_it() {
    let (app, _) = demonstration().await;
    let mut walk = Walk::new(&app, Lang::En);
    for login in ["lan", "hoa", "quantri"] {
        let person = session_of(&app, login).await;
        walk.go(&app, Some(&person), login, &["/"]).await;
    }
    let code = format!("/report/{}", report(&app).await);
    walk.go(&app, None, "nobody", &["/sign-in", "/report", &code]).await;
    walk.must_be_clean();
}

#[test]
fn every_sentence_stands_in_both_languages() {
    let sentences = sentences();
    assert!(sentences.len() > 1500, "only {} sentences were found", sentences.len());
    for (vi, en) in sentences {
        assert_eq!(vi.trim().is_empty(), en.trim().is_empty(), "“{vi}” and “{en}”");
        let words = vi.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.chars().count() > 2).count();
        assert!(vi != en || words < 3, "“{vi}” is the same in both languages");
    }
}

/// The demonstration on a day one month after its last incident, and somebody of every role who signs in.
async fn demonstration() -> (TestApp, Vec<String>) {
    let app = TestApp::new().await;
    let accounts = ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * DAY)).await.expect("filled");
    app.assert_sound().await;
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    let logins = accounts.into_iter().map(|account| account.login).chain(["lien".to_owned()]).collect();
    (app, logins)
}

/// A walk through the product along its links.
struct Walk {
    lang: Lang,
    /// Forms may go here.
    posts: Vec<Vec<&'static str>>,
    pages: Vec<&'static str>,
    /// The routes of pages that were shown to somebody.
    visited: BTreeSet<&'static str>,
    /// Documents laid out so far. Each takes seconds, and comes to everyone who sees the page beside it or to no one.
    documents: BTreeSet<String>,
    /// What must not stand on a page of this language, and what should stand there instead.
    foreign: HashMap<String, String>,
    /// The plan's words that a page of this language does not show, unless it marks them, and what it says for them.
    plan: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Walk {
    fn new(app: &TestApp, lang: Lang) -> Walk {
        let routes = ungcuu_app::routes();
        let of = |which: &dyn Fn(&Route) -> bool| -> Vec<&'static str> {
            routes.entries().iter().filter(|route| which(route)).map(|route| route.path).collect()
        };
        let own: BTreeSet<String> = sentences().into_iter().map(|(vi, en)| lang.pick(&vi, &en).to_owned()).collect();
        let foreign = sentences().into_iter().map(|(vi, en)| match lang {
            Lang::Vi => (en, vi),
            Lang::En => (vi, en),
        });
        // A word used in both languages says nothing, a language is offered in its own name, and the tables of the plan
        // are printed word for word.
        let printed: BTreeSet<&str> = app.app.pack.tasks.iter().map(|task| task.cadence_text.vi.as_str()).collect();
        let telling = |words: &str| {
            let long = if lang == Lang::Vi { words.contains(' ') } else { words.chars().count() > 3 };
            long && !matches!(words, "English" | "Tiếng Việt") && !printed.contains(words)
        };
        Walk {
            documents: BTreeSet::new(),
            lang,
            posts: of(&is_post).into_iter().map(|path| path.split('/').collect()).collect(),
            pages: of(&|route| route.kind == Kind::Page),
            visited: BTreeSet::new(),
            plan: if lang == Lang::En { words_of_the_plan(app) } else { BTreeMap::new() },
            foreign: foreign.filter(|(there, _)| telling(there) && !own.contains(there)).collect(),
            wrong: Vec::new(),
        }
    }

    /// Follows every link from these pages on; says how many pages there were.
    async fn go(&mut self, app: &TestApp, who: Option<&Person>, name: &str, from: &[&str]) -> usize {
        let mut waiting: VecDeque<(String, String)> =
            from.iter().map(|path| ((*path).to_owned(), "start".to_owned())).collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut shapes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        while let Some((path, from)) = waiting.pop_front() {
            if seen.len() > PAGES || !seen.insert(path.clone()) {
                continue;
            }
            if (path.ends_with("/pdf") || path.ends_with("/docx")) && !self.documents.insert(path.clone()) {
                continue;
            }
            let request = Request::get(&path).header(header::COOKIE, format!("lang={}", self.lang.tag()));
            let answer = app.send(request, who, Body::empty()).await;
            let here = format!("{path} as {name}, offered on {from}");
            if !matches!(answer.status.as_u16(), 200 | 303) {
                self.wrong.push(format!("{here}: {}", answer.status));
                continue;
            }
            if !answer.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
                continue;
            }
            let page = &answer.body;
            self.visited.extend(self.route(&path));
            self.look_at_words(page, &here);
            self.look_at_the_plan(page, &here);
            for action in values(page, "action=\"") {
                let plain = action.split('?').next().unwrap_or_default();
                let parts: Vec<&str> = plain.split('/').collect();
                let by_get = matches!(plain, "" | "/search")
                    || seen.contains(plain)
                    || page.contains(&format!("action=\"{action}\" method=\"get\""));
                if !by_get && !self.posts.iter().any(|route| fits(route, &parts)) {
                    self.wrong.push(format!("{here}: a form to {action}"));
                }
            }
            for link in values(page, "href=\"") {
                let link = link.replace("&amp;", "&");
                let link = link.split('#').next().unwrap_or_default().to_owned();
                let local = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/assets");
                if !local || link.ends_with("/live") || link.contains("lang=") {
                    continue;
                }
                let alike = shapes.entry(shape(&link)).or_default();
                if alike.len() < ALIKE && alike.insert(link.clone()) {
                    waiting.push_back((link, path.clone()));
                }
            }
        }
        seen.len()
    }

    /// The page's own words are all of its language; what people typed is theirs.
    fn look_at_words(&mut self, page: &str, here: &str) {
        let tag = format!("<html lang=\"{}\"", self.lang.tag());
        if !page.contains(&tag) {
            self.wrong.push(format!("{here}: is not marked as {}", self.lang.tag()));
        }
        // What is printed is in the language of the office, whoever reads it on the screen.
        let page = &without_sheets(page);
        let texts = page.split('<').skip(1).filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
        let named = ["placeholder=\"", "aria-label=\"", "title=\"", "data-confirm=\"", "alt=\""];
        let spoken = named.into_iter().flat_map(|name| values(page, name));
        for words in texts.chain(spoken) {
            let words = plain(words.trim());
            if let Some(own) = self.foreign.get(&words) {
                self.wrong.push(format!("{here}: “{words}” instead of “{own}”"));
            }
        }
    }

    /// The plan speaks the page's language; where its own words stand, they are marked as Vietnamese.
    fn look_at_the_plan(&mut self, page: &str, here: &str) {
        const MARKS: &[&str] = &["; ", ", ", ": ", " – ", " · ", " → ", " (", ")"];
        for words in unmarked(page) {
            // A long text tells what somebody wrote, in whose own words the plan's may stand.
            let marks = if words.chars().count() > 150 { &[][..] } else { MARKS };
            let pieces = marks.iter().fold(vec![words.as_str()], |pieces, mark| {
                let split: Vec<&str> = pieces.iter().flat_map(|piece| piece.split(mark)).collect();
                split
            });
            for piece in pieces.into_iter().chain([words.as_str()]) {
                if let Some(english) = self.plan.get(piece.trim()) {
                    self.wrong.push(format!("{here}: the plan's “{}” instead of “{english}”", piece.trim()));
                }
            }
        }
    }

    fn route(&self, path: &str) -> Option<&'static str> {
        let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        let fitting = self.pages.iter().filter(|route| fits(&route.split('/').collect::<Vec<_>>(), &parts));
        fitting.min_by_key(|route| route.matches('{').count()).copied()
    }

    fn must_be_clean(self) {
        let mut wrong = self.wrong;
        wrong.sort();
        wrong.dedup();
        assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    }
}

fn fits(route: &[&str], parts: &[&str]) -> bool {
    route.len() == parts.len() && route.iter().zip(parts).all(|(route, part)| route.starts_with('{') || route == part)
}

/// The path with identifiers and values of the query taken out.
fn shape(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let path: Vec<&str> =
        path.split('/').map(|part| if part.len() == 30 && part.contains('_') { "*" } else { part }).collect();
    let query: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    format!("{}?{}", path.join("/"), query.join("&"))
}

fn values<'a>(page: &'a str, before: &str) -> Vec<&'a str> {
    page.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The words behind their escapes.
fn plain(words: &str) -> String {
    let escapes = [("&#38;", "&"), ("&#39;", "'"), ("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")];
    escapes.into_iter().fold(words.to_owned(), |words, (escape, letter)| words.replace(escape, letter))
}

/// What the pack says in both languages, and differently.
fn words_of_the_plan(app: &TestApp) -> BTreeMap<String, String> {
    let english = &app.app.pack.english;
    let own: BTreeSet<&String> = english.values().collect();
    // A tile's words begin the title of what a citizen reports, and that is kept as it was sent.
    let sent: BTreeSet<&String> = app.app.pack.tiles.iter().map(|tile| &tile.name.vi).collect();
    let telling =
        |(vi, en): &(&String, &String)| vi != en && vi.chars().count() > 3 && !own.contains(vi) && !sent.contains(vi);
    english.iter().filter(telling).map(|(vi, en)| (vi.clone(), en.clone())).collect()
}

/// What stands on a page outside elements that are marked as Vietnamese: texts, and words in attributes.
fn unmarked(page: &str) -> Vec<String> {
    const EMPTY: &[&str] = &["!doctype", "meta", "link", "input", "br", "hr", "img", "col", "wbr", "source"];
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut found = Vec::new();
    for (tag, text) in page.split('<').skip(1).filter_map(|piece| piece.split_once('>')) {
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty()).unwrap_or_default().to_lowercase();
        let around = open.last().is_some_and(|(_, vietnamese)| *vietnamese);
        if tag.starts_with('/') {
            let at = open.iter().rposition(|(known, _)| *known == name);
            open.truncate(at.unwrap_or(open.len()));
        } else {
            // A text area holds what somebody typed.
            let vietnamese =
                tag.contains("lang=\"vi\"") || name == "textarea" || (around && !tag.contains("lang=\"en\""));
            if !vietnamese {
                let named = ["placeholder=\"", "aria-label=\"", "title=\"", "alt=\""];
                found.extend(named.into_iter().flat_map(|name| values(tag, name)).map(plain));
            }
            if !EMPTY.contains(&name.as_str()) && !tag.ends_with('/') {
                open.push((name, vietnamese));
            }
        }
        if !open.last().is_some_and(|(_, vietnamese)| *vietnamese) {
            found.push(plain(text.trim()));
        }
    }
    found.retain(|words| !words.is_empty());
    found
}

#[test]
fn words_marked_as_vietnamese_are_told_from_the_others() {
    let page = "<html lang=\"en\"><body><p title=\"Gợi ý\">One<br>two <b lang=\"vi\">Ba <i>bốn</i></b> five</p></body>";
    assert_eq!(unmarked(page), ["Gợi ý", "One", "two", "five"]);
}

/// Every sentence of the product's code and templates that stands there in both languages: Vietnamese, English.
fn sentences() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                waiting.push(entry);
            } else if entry.extension().is_some_and(|ending| ending == "rs" || ending == "html") {
                let text = std::fs::read_to_string(&entry).expect("read");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                for start in ["Text::new(", "text!(", ".t(", ".pick("] {
                    found.extend(code.split(start).skip(1).filter_map(pair));
                }
            }
        }
    }
    found
}

/// Two literals one behind the other.
fn pair(code: &str) -> Option<(String, String)> {
    let (vi, rest) = literal(code)?;
    let (en, _) = literal(rest.trim_start().strip_prefix(',')?)?;
    Some((vi, en))
}

fn literal(code: &str) -> Option<(String, &str)> {
    let code = code.trim_start().strip_prefix('"')?;
    let mut words = String::new();
    let mut letters = code.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((words, &code[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => words.push('\n'),
                // A line that goes on: its break and the blanks behind it are not part of the sentence.
                '\n' => {
                    let blanks = letters.as_str().len() - letters.as_str().trim_start().len();
                    letters.by_ref().take(blanks).for_each(|_| {});
                }
                other => words.push(other),
            },
            other => words.push(other),
        }
    }
    None
}

/// The page without the sheets of paper on it.
fn without_sheets(page: &str) -> String {
    let mut pieces = page.split("<article class=\"sheet\" lang=\"vi\"");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        rest.push_str(piece.split_once("</article>").map_or("", |(_, after)| after));
    }
    rest
}
