//! Requests for pages and forms, as browsers send them.

use crate::common::{Actor, Answer, TestServer};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The page of an answer.
pub(crate) fn html_of(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// The same person with the cookie that an answer set.
pub(crate) fn with_cookie_of(actor: &Actor, answer: &Answer) -> Actor {
    let cookie = answer.header("set-cookie").unwrap();
    actor.with_header("cookie", cookie.split(';').next().unwrap())
}

/// A person who registered on the page and is signed in by cookie.
pub(crate) async fn registered(server: &TestServer, name: &str) -> Actor {
    let nobody = server.anonymous();
    let fields =
        format!("email={name}%40example.test&username={name}&password={}", PASSWORD.replace(' ', "+"));
    let answer = nobody.form("/register", &fields).await;
    answer.expect(303);
    with_cookie_of(&nobody, &answer)
}

/// The address that an answer redirects to.
pub(crate) fn location(answer: &Answer) -> String {
    location_and_done(answer).0
}

/// The address to which an answer redirects, and the word for what the form has done.
pub(crate) fn location_and_done(answer: &Answer) -> (String, Option<String>) {
    answer.expect(303);
    let whole = answer.header("location").unwrap();
    match whole.split_once("?done=").or_else(|| whole.split_once("&done=")) {
        Some((page, done)) => (page.to_owned(), Some(done.to_owned())),
        None => (whole.to_owned(), None),
    }
}

/// A browser: it keeps the cookies of its answers and sends them along.
pub(crate) struct Browser {
    visitor: Actor,
    jar: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self { visitor: server.anonymous(), jar: Mutex::default() }
    }

    fn actor(&self) -> Actor {
        let pairs: Vec<String> =
            self.jar.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() {
            self.visitor.clone()
        } else {
            self.visitor.with_header("cookie", &pairs.join("; "))
        }
    }

    fn keep(&self, answer: Answer) -> Answer {
        for line in answer.headers.get_all("set-cookie") {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut jar = self.jar.lock().unwrap();
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// A cookie that it keeps.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar.lock().unwrap().get(name).cloned()
    }

    /// Opens a page.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        self.keep(self.actor().page(path).await)
    }

    /// Opens a page and reads it.
    pub(crate) async fn reads(&self, path: &str) -> String {
        let answer = self.page(path).await;
        answer.expect(200);
        html_of(&answer)
    }

    /// Sends a form.
    pub(crate) async fn form(&self, path: &str, fields: &str) -> Answer {
        self.keep(self.actor().form(path, fields).await)
    }

    /// Asks the API as a script of its pages would.
    pub(crate) async fn api(&self, path: &str) -> Answer {
        self.actor().get(path).await
    }
}
