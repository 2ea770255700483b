//! What each kind of message says. Looked up when it is sent, so that it says what is true then.

use super::letter::{Block, Letter};
use super::{counter_letters, order_letters};
use crate::app::App;
use crate::auth::secret_token::SecretToken;
use crate::http::event_brief::{self, Known};
use crate::http::problem::Problem;
use crate::http::refusals::failed;
use crate::tickets::local_time;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::time::Timestamp;
use fairseat_engine::Published;
use fairseat_store::outbox::Message;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Whom a letter goes to.
pub(super) struct Addressee {
    /// What they are called; may be empty.
    pub(super) name: String,
    /// Their e-mail address.
    pub(super) address: String,
}

/// Whom a message is for, as they are known when it is sent: an account, or whoever stood at the counter; `None` when it is for nobody
/// any more.
///
/// # Errors
/// When store or sale cannot be asked now.
pub(super) async fn addressee(app: &App, message: &Message) -> Result<Option<Addressee>, Problem> {
    if message.kind.starts_with("counter_") {
        let customer = counter_letters::customer(app, message).await?;
        return Ok(customer.map(|customer| Addressee { name: customer.name, address: customer.email }));
    }
    let user = app.platform.store.users().by_id(message.recipient).await?;
    Ok(user.map(|user| Addressee { name: user.username, address: user.email }))
}

/// The letter for a message; `None` when it is of a kind we do not know, or about nothing there is: a bug.
///
/// # Errors
/// When store or sale cannot be asked now.
pub(super) async fn write(app: &App, message: &Message, name: &str) -> Result<Option<Letter>, Problem> {
    let letter = match message.kind.as_str() {
        "verify_email" => verify_email(app, message),
        "reset_password" => reset_password(app, message),
        "event_rescheduled" | "counter_rescheduled" => rescheduled(app, message).await?,
        "counter_sold" | "counter_cancelled" => counter_letters::write(app, message).await?,
        "order_confirmed" | "order_cancelled" | "refund_completed" => {
            order_letters::write(app, message).await?
        }
        _ => None,
    };
    Ok(letter.map(|mut letter| {
        let greeting = ["Hello", &one_line(name)].join(" ");
        letter.blocks.insert(0, Block::Text(format!("{},", greeting.trim_end())));
        letter.subject = one_line(&letter.subject);
        letter
    }))
}

/// Names may hold anything; a header or a greeting is one line.
fn one_line(text: &str) -> String {
    text.split(|part: char| part.is_whitespace() || part.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The secret of a link is made of its number here, at the last moment.
fn link(app: &App, message: &Message, page: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Data {
        link: Uuid,
    }
    let Data { link } = serde_json::from_str(&message.data).ok()?;
    let token = SecretToken::of_link(&app.keys.links, link);
    Some(format!("{}/{page}?token={}", app.base_url, token.expose()))
}

fn verify_email(app: &App, message: &Message) -> Option<Letter> {
    let until = local_time(message.expires_at, "UTC");
    Some(Letter {
        subject: "Confirm your e-mail address".to_owned(),
        blocks: vec![
            Block::Text(
                "Please confirm that this address is yours, so that your tickets find you.".to_owned(),
            ),
            Block::Button("Confirm this address", link(app, message, "verify-email")?),
            Block::Small(format!(
                "The link works once, until {until}. If you have not given this address to us, you need not do anything."
            )),
        ],
    })
}

fn reset_password(app: &App, message: &Message) -> Option<Letter> {
    let until = local_time(message.expires_at, "UTC");
    Some(Letter {
        subject: "Choose a new password".to_owned(),
        blocks: vec![
            Block::Text("Somebody, we hope you, asked for a new password for your account.".to_owned()),
            Block::Button("Choose a new password", link(app, message, "reset-password")?),
            Block::Small(format!(
                "The link works once, until {until}. If you did not ask, you need not do anything: your password stays as it is."
            )),
        ],
    })
}

async fn rescheduled(app: &App, message: &Message) -> Result<Option<Letter>, Problem> {
    #[derive(Deserialize)]
    struct Data {
        start_time: crate::money_json::JsonTime,
        end_time: crate::money_json::JsonTime,
    }
    let (Some(number), Ok(data)) = (message.event, serde_json::from_str::<Data>(&message.data)) else {
        return Ok(None);
    };
    let known = event_brief::known(app, number).await?;
    let about = About::of(known.as_deref(), data.start_time.0);
    let mut facts = about.facts();
    facts.insert(2, ("Until", local_time(data.end_time.0, &about.timezone)));
    let event_url = format!("{}/events/{}", app.base_url, app.platform.ids.event(number));
    let mut links = vec![("The event".to_owned(), event_url)];
    // Who bought at the counter has no orders to look at.
    if message.kind == "event_rescheduled" {
        links.insert(0, ("Your orders".to_owned(), format!("{}/orders", app.base_url)));
    }
    Ok(Some(Letter {
        subject: format!("New time for {}", about.name),
        blocks: vec![
            Block::Text(format!("{} takes place at another time. Your tickets stay valid.", about.name)),
            Block::Facts(facts),
            Block::Links(links),
        ],
    }))
}

/// The order a message is about, in the newest version of its sale; `None` when there is no such order.
///
/// # Errors
/// When the sale cannot be asked now.
pub(super) async fn ordered(
    app: &App,
    message: &Message,
) -> Result<Option<(Arc<Published>, OrderNumber)>, Problem> {
    #[derive(Deserialize)]
    struct Data {
        order_id: Uuid,
    }
    let data = serde_json::from_str::<Data>(&message.data).ok();
    let Some((event, order)) = data.and_then(|data| app.platform.ids.open_order(data.order_id)) else {
        return Ok(None);
    };
    let published = app.platform.engine.sale(event).await.map_err(failed)?.published();
    Ok(Some((published, order)))
}

/// An event as letters speak of it.
pub(super) struct About {
    pub(super) name: String,
    pub(super) starts_at: Timestamp,
    pub(super) timezone: String,
    place: String,
}

impl About {
    /// An event that begins at `starts_at`, with what the catalogue knows of it.
    pub(super) fn of(known: Option<&Known>, starts_at: Timestamp) -> Self {
        let Some(known) = known else {
            return Self {
                name: "your event".to_owned(),
                starts_at,
                timezone: "UTC".to_owned(),
                place: String::new(),
            };
        };
        let place = std::iter::once(&known.venue).chain(&known.address).filter(|line| !line.is_empty());
        Self {
            name: one_line(&known.name),
            starts_at,
            timezone: known.timezone.clone(),
            place: one_line(&place.cloned().collect::<Vec<_>>().join(", ")),
        }
    }

    /// What, when and where.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let when = local_time(self.starts_at, &self.timezone);
        let mut facts = vec![("Event", self.name.clone()), ("When", when)];
        if !self.place.is_empty() {
            facts.push(("Where", self.place.clone()));
        }
        facts
    }
}
