//! The frame around every page of the console: the organization, the navigation, the event that the page is about.
//!
//! It offers only pages that the member's role permits ([`ConsoleLayout::allows`]); the API refuses the rest.

use fairseat_client::{ApiClient, ConsoleTask, PageError, Permits, Problem};
use fairseat_web::done::Done;
use fairseat_web::poster;
use fairseat_web::render::encoded;
use fairseat_web::values::{Instant, Local, Money};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An organization that the visitor is a member of, or that an administrator looks at.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Organization {
    pub(crate) organization_id: String,
    pub(crate) name: String,
    /// The visitor's role; `None` for an administrator who is not a member.
    pub(crate) role: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Organizations {
    organizations: Vec<Organization>,
}

/// An event as the console shows and changes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) event_id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) performer: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) venue: EventVenue,
    pub(crate) organization: Owner,
    pub(crate) start_time: Instant,
    pub(crate) doors_time: Option<Instant>,
    pub(crate) end_time: Instant,
    pub(crate) timezone: String,
    pub(crate) category: String,
    pub(crate) status: String,
    pub(crate) on_sale_time: Instant,
    pub(crate) sales_end_time: Instant,
    pub(crate) price_tiers: BTreeMap<String, Money>,
    pub(crate) currency: String,
    pub(crate) fees: Fees,
    pub(crate) refund_policy: RefundPolicy,
    pub(crate) max_tickets_per_user: u32,
    pub(crate) refuse_single_seats: bool,
    pub(crate) hold_limits: HoldLimits,
    pub(crate) seat_map_url: String,
    pub(crate) image_url: Option<String>,
    /// The version of the event.
    #[serde(skip)]
    pub(crate) edit_tag: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EventVenue {
    pub(crate) venue_id: String,
    pub(crate) name: String,
    pub(crate) city: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Owner {
    id: String,
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fees {
    pub(crate) per_ticket: Money,
    pub(crate) per_order: Money,
    pub(crate) percent: Money,
}

/// What the organizer set; `None` for the usual limits.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct HoldLimits {
    pub(crate) seats: Option<u32>,
    pub(crate) seats_of_new_accounts: Option<u32>,
    pub(crate) tickets_per_instrument: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RefundPolicy {
    pub(crate) percent: Money,
    pub(crate) fees: bool,
    pub(crate) until_hours_before_start: u32,
}

impl Event {
    pub(crate) fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }

    pub(crate) fn time(&self, instant: &Instant) -> String {
        instant.at(&self.timezone).full()
    }

    pub(crate) fn is_draft(&self) -> bool {
        self.status == "draft"
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    /// The drawn picture that the event's page shows while the event has none of its own.
    pub(crate) fn drawn_poster(&self) -> String {
        poster::url(&self.category, &self.venue.venue_id, &self.event_id, "svg")
    }

    pub(crate) fn is_over(&self) -> bool {
        self.end_time.is_past()
    }

    pub(crate) fn badge(&self) -> (&'static str, String) {
        event_badge(&self.status, self.end_time)
    }
}

/// The badge for a status of an event, order or ticket: its CSS class and its text.
pub(crate) fn badge(status: &str) -> (&'static str, String) {
    let kind = match status {
        "on_sale" | "confirmed" | "valid" | "completed" => "ok",
        "draft" | "pending" | "sold_out" | "suspended" | "refund_pending" => "warn",
        "cancelled" | "failed" | "void" => "bad",
        _ => "",
    };
    (kind, status.replace('_', " "))
}

/// The badge for an event that ends at `end`: `over` after that time, unless it was cancelled or never published.
pub(crate) fn event_badge(status: &str, end: Instant) -> (&'static str, String) {
    if matches!(status, "cancelled" | "draft") || !end.is_past() {
        badge(status)
    } else {
        ("", "over".to_owned())
    }
}

/// The frame of one page.
#[derive(Debug)]
pub(crate) struct ConsoleLayout {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) current: Option<Organization>,
    /// This page's entry in the navigation.
    pub(crate) current_page: &'static str,
    pub(crate) event: Option<Event>,
    /// What the form before this page has done.
    pub(crate) done: Option<Done>,
    /// Whether the visitor is an administrator without a role in this organization; then everything is allowed.
    admin: bool,
    permits: Permits,
}

impl ConsoleLayout {
    /// The frame for a page of the organization with the id `wanted`, or of the visitor's first organization.
    pub(crate) async fn for_organization(
        client: &ApiClient,
        wanted: &str,
        current_page: &'static str,
    ) -> Result<Self, PageError> {
        let organizations = client.get::<Organizations>("/organizations?limit=100").await?.organizations;
        let known = organizations.iter().find(|one| one.organization_id == wanted);
        let admin = known.is_none() && !wanted.is_empty() && is_admin(client).await?;
        let known = if admin { known } else { known.or(organizations.first()) };
        let current = known.cloned();
        let (done, permits) = (Done::in_address(&client.path), client.permits());
        Ok(Self { organizations, current, current_page, event: None, done, admin, permits })
    }

    /// The frame for a page of an event.
    pub(crate) async fn for_event(
        client: &ApiClient,
        id: &str,
        current_page: &'static str,
    ) -> Result<Self, PageError> {
        let path = format!("/events/{}", encoded(id));
        let ((event, edit_tag), organizations) = tokio::try_join!(
            client.get_editable::<Event>(&path),
            client.get::<Organizations>("/organizations?limit=100")
        )?;
        let event = Event { edit_tag, ..event };
        let organizations = organizations.organizations;
        let known = organizations.iter().find(|one| one.organization_id == event.organization.id);
        // An administrator may open events of any organization.
        let admin = known.is_none() && is_admin(client).await?;
        if known.is_none() && !admin {
            return Err(client.page_error(no_organization()));
        }
        let current = known.cloned().unwrap_or_else(|| Organization {
            organization_id: event.organization.id.clone(),
            name: event.organization.name.clone(),
            role: None,
        });
        let (current, event) = (Some(current), Some(event));
        let (done, permits) = (Done::in_address(&client.path), client.permits());
        Ok(Self { organizations, current, current_page, event, done, admin, permits })
    }

    /// Whether the visitor may do `task` in this organization.
    pub(crate) fn allows(&self, task: ConsoleTask) -> bool {
        let role = self.current.as_ref().and_then(|one| one.role.as_deref());
        role.map_or(self.admin, |role| (self.permits)(role, task))
    }

    /// Refuses visitors whose role does not include `task`, so that nobody fills in a form that the API will refuse.
    pub(crate) fn require(self, client: &ApiClient, task: ConsoleTask) -> Result<Self, PageError> {
        if self.allows(task) {
            return Ok(self);
        }
        let Some(current) = &self.current else { return Err(client.page_error(no_organization())) };
        Err(client.page_error(Problem {
            status: 403,
            code: "forbidden".to_owned(),
            title: "Your role does not include this".to_owned(),
            detail: format!("An owner of {} can change your role.", current.name),
            ..Problem::default()
        }))
    }

    /// The event, on pages made by [`Self::for_event`].
    pub(crate) fn event(&self, client: &ApiClient) -> Result<&Event, PageError> {
        self.event.as_ref().ok_or_else(|| client.page_error(no_organization()))
    }

    /// The organization; an error page for visitors without one.
    pub(crate) fn organization(&self, client: &ApiClient) -> Result<&Organization, PageError> {
        self.current.as_ref().ok_or_else(|| client.page_error(no_organization()))
    }

    /// Whether this is the current page's entry in the navigation.
    pub(crate) fn is_current(&self, entry: &str) -> bool {
        self.current_page == entry
    }

    /// The name of a page of an event; empty for the dashboard.
    pub(crate) fn page_name(&self) -> &'static str {
        match self.current_page {
            "orders" => "Orders",
            "box-office" => "Box office",
            "seats" => "Block seats",
            "edit" => "Details and prices",
            "picture" => "Picture",
            _ => "",
        }
    }
}

#[derive(Debug, Deserialize)]
struct Me {
    #[serde(default)]
    is_admin: bool,
}

pub(super) async fn is_admin(client: &ApiClient) -> Result<bool, PageError> {
    Ok(client.get::<Me>("/users/me").await?.is_admin)
}

fn no_organization() -> Problem {
    Problem {
        status: 403,
        code: "forbidden".to_owned(),
        title: "This is for organizers".to_owned(),
        detail: "Create an organization in the console, or ask an owner of yours to make you a member."
            .to_owned(),
        ..Problem::default()
    }
}
