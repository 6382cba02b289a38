//! The demonstration, page by page: every link that a person is offered leads somewhere, every form to a route.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ungcuu_app::actor::Actor;
use ungcuu_app::auth::AccountId;
use ungcuu_app::auth::actions::begin_session;
use ungcuu_app::web::Kind;
use ungcuu_kit::{args, sql};

use crate::support::{Person, TestApp};

/// At most so many pages a person; lists page on and on.
const PAGES: usize = 250;

#[tokio::test]
async fn every_link_of_the_demonstration_leads_somewhere_for_everyone_who_is_offered_it() {
    let app = TestApp::new().await;
    let accounts =
        ungcuu_app::demo::fill(&app.app, app.app.now().plus(30 * ungcuu_kit::time::DAY)).await.expect("filled");
    app.assert_sound().await;
    ungcuu_app::search::index_pending(&app.app).await.expect("indexed");
    let posts: Vec<Vec<&str>> = ungcuu_app::routes()
        .entries()
        .iter()
        .filter(|route| matches!(route.kind, Kind::Act | Kind::Raw { post: true }))
        .map(|route| route.path.split('/').collect())
        .collect();
    for account in accounts {
        let person = sign_in(&app, &account.login).await;
        let mut waiting: VecDeque<(String, String)> = VecDeque::from([("/".to_owned(), "start".to_owned())]);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        // Of pages that differ only in their identifiers, a few are enough.
        let mut shapes: BTreeMap<String, usize> = BTreeMap::new();
        while let Some((path, from)) = waiting.pop_front() {
            if seen.len() > PAGES || !seen.insert(path.clone()) {
                continue;
            }
            let answer = app.get(Some(&person), &path).await;
            assert!(
                matches!(answer.status.as_u16(), 200 | 303 | 403),
                "{} as {}, offered on {from}: {}\n{}",
                path,
                account.login,
                answer.status,
                answer.body
            );
            if !answer.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
                continue;
            }
            for action in values(&answer.body, "action=\"") {
                let plain = action.split('?').next().unwrap_or_default();
                let parts: Vec<&str> = plain.split('/').collect();
                let fits = |route: &&Vec<&str>| {
                    route.len() == parts.len()
                        && route.iter().zip(&parts).all(|(route, part)| route.starts_with('{') || route == part)
                };
                let is_get = matches!(plain, "" | "/search")
                    || seen.contains(plain)
                    || answer.body.contains(&format!("action=\"{action}\" method=\"get\""));
                assert!(
                    is_get || posts.iter().any(|route| fits(&route)),
                    "{path} as {}: a form to {action}",
                    account.login
                );
            }
            for link in values(&answer.body, "href=\"") {
                let link = link.replace("&amp;", "&");
                let link = link.split('#').next().unwrap_or_default().to_owned();
                let local = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/assets");
                let streams = link.ends_with("/live");
                if !local || streams {
                    continue;
                }
                let shape = shapes.entry(shape(&link)).or_default();
                *shape += 1;
                if *shape <= 3 {
                    waiting.push_back((link, path.clone()));
                }
            }
        }
        assert!(seen.len() > 5, "{} saw only {seen:?}", account.login);
    }
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

async fn sign_in(app: &TestApp, login: &str) -> Person {
    let mut work = app.app.work(Actor::system()).await.expect("work");
    let account: Option<(AccountId, ungcuu_app::org::PersonId, ungcuu_app::org::UnitId)> = work
        .tx
        .one(
            sql!(
                "SELECT a.id, a.person_id, p.unit_id FROM accounts a JOIN people p ON p.id = a.person_id
                  WHERE a.login = $1"
            ),
            args![login],
        )
        .await
        .expect("asked");
    let (account, person_id, unit_id) = account.expect("an account of the demonstration");
    let token = begin_session(&mut work, &account, "test").await.expect("a session");
    work.commit().await.expect("committed");
    Person { name: login.to_owned(), token, csrf: String::new(), person_id, unit_id }
}
