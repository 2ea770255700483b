//! Requests for pages and forms, as browsers send them.

use crate::common::{Actor, Answer, TestServer};

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
    answer.expect(303);
    answer.header("location").unwrap().to_owned()
}
