//! The table of routes. Each entry says path, who may call, and what it does; from it come the pages, the API, the
//! OpenAPI document and the test of every route against every role.

use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use ungcuu_kit::error::Result;
use ungcuu_kit::text::Text;

use super::answer::{Answer, Done, View};
use super::call::Call;
use super::query::Reads;
use crate::permission::Permission;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, signed in or not.
    Public,
    /// Anyone signed in; the route only ever shows or changes the account's own things.
    SignedIn,
    /// Accounts with this permission somewhere; the action checks where.
    Need(Permission),
}

/// What kind of route it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shows something: `GET` of the page and of `/api/v1` + path.
    Page,
    /// Changes something: `POST` of a form and of `/api/v1` + path.
    Act,
    /// A file, an upload or a stream: only at its own path, and under `/api/v1` the same.
    Raw { post: bool },
}

pub(super) type Handler = Arc<dyn Fn(Call, Body) -> BoxFuture<'static, Result<Answer>> + Send + Sync>;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One route.
#[derive(Clone)]
pub struct Route {
    pub path: &'static str,
    pub access: Access,
    pub kind: Kind,
    /// What it does, in a few words; shown in the API's description.
    pub about: Text,
    pub(super) handler: Handler,
    pub(super) input: Option<SchemaOf>,
    pub(super) output: Option<SchemaOf>,
    /// What its query may say; a handler can read no other.
    pub(super) query: Option<Reads>,
    /// What comes with its files, and the field they are chosen in; a handler can read no other.
    pub(super) words: Option<(Reads, &'static str)>,
}

/// A form of a few fields and one or two long texts fits ten times over.
pub(super) const FORM_LIMIT: usize = 1 << 20;

/// The routes of one feature, in the order they are written.
#[derive(Clone, Default)]
pub struct Routes {
    pub(super) entries: Vec<Route>,
}

impl Routes {
    pub fn new() -> Routes {
        Routes::default()
    }

    /// A page: `GET path`, and its content as JSON at `GET /api/v1{path}`.
    pub fn page<V, F, Fut>(self, path: &'static str, access: Access, about: Text, show: F) -> Routes
    where
        V: View,
        F: Fn(Call) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<V>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |call: Call, _: Body| {
            let (via, form) = (call.via, call.form.clone());
            let answered = show(call);
            async move { Answer::view(answered.await?, via, &form) }.boxed()
        });
        self.add(Route {
            path,
            access,
            kind: Kind::Page,
            about,
            handler,
            input: None,
            output: Some(|generator| generator.subschema_for::<V>()),
            query: None,
            words: None,
        })
    }

    /// An act: `POST path` from a form, or JSON at `POST /api/v1{path}`.
    pub fn act<I, F, Fut>(self, path: &'static str, access: Access, about: Text, act: F) -> Routes
    where
        I: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(Call, I) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Done>> + Send + 'static,
    {
        self.act_up_to(FORM_LIMIT, path, access, about, act)
    }

    /// The same with a larger body, for batches.
    pub fn act_up_to<I, F, Fut>(
        self,
        body_limit: usize,
        path: &'static str,
        access: Access,
        about: Text,
        act: F,
    ) -> Routes
    where
        I: DeserializeOwned + JsonSchema + Send + 'static,
        F: Fn(Call, I) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Done>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |call: Call, body: Body| {
            let act = act.clone();
            async move {
                let input = call.read_input::<I>(body, body_limit).await?;
                Ok(Answer::Done(act(call, input).await?))
            }
            .boxed()
        });
        self.add(Route {
            path,
            access,
            kind: Kind::Act,
            about,
            handler,
            input: Some(|generator| generator.subschema_for::<I>()),
            output: Some(|generator| generator.subschema_for::<Done>()),
            query: None,
            words: None,
        })
    }

    /// A file or a stream to read: `GET path`.
    pub fn file<F, Fut>(self, path: &'static str, access: Access, about: Text, send: F) -> Routes
    where
        F: Fn(Call) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<axum::response::Response>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |call: Call, _: Body| {
            let answered = send(call);
            async move { Ok(Answer::Raw(answered.await?)) }.boxed()
        });
        self.add(Route {
            path,
            access,
            kind: Kind::Raw { post: false },
            about,
            handler,
            input: None,
            output: None,
            query: None,
            words: None,
        })
    }

    /// Files sent in as they come: `POST path` with `multipart/form-data`. The handler reads [`super::Upload`].
    pub fn upload<F, Fut>(self, path: &'static str, access: Access, about: Text, take: F) -> Routes
    where
        F: Fn(Call, Body) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Done>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |call: Call, body: Body| {
            let answered = take(call, body);
            async move { Ok(Answer::Done(answered.await?)) }.boxed()
        });
        self.add(Route {
            path,
            access,
            kind: Kind::Raw { post: true },
            about,
            handler,
            input: None,
            output: Some(|generator| generator.subschema_for::<Done>()),
            query: None,
            words: None,
        })
    }

    /// The route just added reads its query as a `Q`: `call.query::<Q>()`.
    pub fn asks<Q: DeserializeOwned + JsonSchema + 'static>(mut self) -> Routes {
        self.entries.last_mut().expect("a route was added before").query = Some(Reads::of::<Q>());
        self
    }

    /// The route just added takes files chosen in this field (none when it is empty) and reads what was typed beside them
    /// as a `W`: `upload.words::<W>()`.
    pub fn takes<W: DeserializeOwned + JsonSchema + 'static>(mut self, files: &'static str) -> Routes {
        self.entries.last_mut().expect("a route was added before").words = Some((Reads::of::<W>(), files));
        self
    }

    /// The route just added, which takes files, also takes its words alone as JSON: an `I`.
    pub fn or_json<I: JsonSchema + 'static>(mut self) -> Routes {
        self.entries.last_mut().expect("a route was added before").input =
            Some(|generator| generator.subschema_for::<I>());
        self
    }

    /// Adds another feature's routes behind these.
    pub fn and(mut self, more: Routes) -> Routes {
        self.entries.extend(more.entries);
        self
    }

    /// Every route.
    pub fn entries(&self) -> &[Route] {
        &self.entries
    }

    fn add(mut self, route: Route) -> Routes {
        self.entries.push(route);
        self
    }
}
