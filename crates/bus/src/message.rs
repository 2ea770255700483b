//! A message: a `CloudEvent` 1.0 in JSON (structured mode), with its topic and key.

use crate::data::Body;
use bytes::Bytes;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The topics. Their full names begin with the operator's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The life of events: opened, changed, cancelled, deleted.
    Events,
    /// The status of seats.
    Seats,
    /// Reservations, orders, their payments and refunds.
    Orders,
    /// Tickets.
    Tickets,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::Events, Self::Seats, Self::Orders, Self::Tickets];

    /// Its name after the prefix.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Seats => "seats",
            Self::Orders => "orders",
            Self::Tickets => "tickets",
        }
    }
}

macro_rules! kinds {
    ($($variant:ident $topic:ident $name:literal $doc:literal)*) => {
        /// The kind of a message: the `CloudEvents` attribute `type` without `org.fairseat.`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $doc] $variant,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name, which never changes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The topic that it is published to.
            #[must_use]
            pub const fn topic(self) -> Topic {
                match self { $(Self::$variant => Topic::$topic),* }
            }
        }
    };
}

kinds! {
    EventOpened Events "event.opened" "An event's sale was opened."
    EventChanged Events "event.changed" "Terms, prices or plan of an event changed."
    EventCancelled Events "event.cancelled" "An event was cancelled."
    EventDeleted Events "event.deleted" "An event was deleted before anything was sold."
    SeatsChanged Seats "seats.changed" "Seats have another status."
    ReservationPlaced Orders "reservation.placed" "A buyer reserved seats."
    ReservationChanged Orders "reservation.changed" "Seats, buyer or end of a reservation changed."
    ReservationCancelled Orders "reservation.cancelled" "A reservation was cancelled."
    ReservationExpired Orders "reservation.expired" "A reservation expired."
    OrderPlaced Orders "order.placed" "A buyer began to pay for a reservation."
    OrderPaymentFailed Orders "order.payment_failed" "An attempt to pay for an order failed."
    OrderAbandoned Orders "order.abandoned" "The reservation of an unpaid order ended."
    OrderConfirmed Orders "order.confirmed" "An order is paid or free, and its tickets are valid."
    OrderCaptured Orders "order.captured" "The money of a confirmed order was taken."
    OrderCaptureFailed Orders "order.capture_failed" "The money of a confirmed order cannot be taken."
    OrderCancelled Orders "order.cancelled" "A confirmed order was cancelled."
    OrderPaymentReturned Orders "order.payment_returned" "A payment came too late and is sent back."
    RefundCompleted Orders "refund.completed" "A refund was paid."
    RefundFailed Orders "refund.failed" "The provider refuses a refund."
    TicketsIssued Tickets "tickets.issued" "Tickets became valid."
    TicketsSuspended Tickets "tickets.suspended" "Tickets are not valid until a person has looked at their payment."
    TicketsVoided Tickets "tickets.voided" "Tickets became void."
}

/// An instant in milliseconds since the Unix epoch, written as RFC 3339 in UTC with three decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
        let time = jiff::Timestamp::from_millisecond(self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&MILLISECONDS.timestamp_to_string(&time))
    }
}

/// Where a message comes from in the history of an event. With its kind it is the message's id, so that a message that is published
/// again has the same id, also by another node or a later release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The event's public id, which is also the key.
    pub event: Uuid,
    /// The position of the batch in the event's journal.
    pub position: u64,
    /// The entry in the batch, from 0.
    pub entry: usize,
    /// The fact in the entry, or the part of a message that was too large for one, from 0.
    pub index: usize,
    /// When it was decided. It is part of the id because a restored backup can have another history at the same positions.
    pub at: Time,
}

impl Place {
    fn id(&self, kind: Kind) -> String {
        let Self { event, position, entry, index, at } = self;
        format!("{event}/{position}.{entry}.{index}/{}/{}", kind.name(), at.0)
    }

    /// Sorts as the decisions of an event did. All messages of one decision have the same.
    fn sequence(&self) -> String {
        format!("{:016}.{:06}", self.position, self.entry)
    }
}

/// A message that can be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its kind.
    pub kind: Kind,
    /// The event's public id: the key, which decides the partition.
    pub key: Uuid,
    /// When the fact was decided, in milliseconds since the Unix epoch.
    pub at: Time,
    /// The `CloudEvent` as JSON.
    pub json: Bytes,
}

#[derive(Serialize)]
struct CloudEvent<'m> {
    specversion: &'static str,
    id: String,
    source: String,
    r#type: String,
    subject: String,
    time: Time,
    datacontenttype: &'static str,
    /// An extension attribute of the `CloudEvents` project.
    sequence: String,
    data: &'m Body,
}

impl Message {
    /// The media type of [`Self::json`].
    pub const MEDIA_TYPE: &'static str = "application/cloudevents+json; charset=UTF-8";

    /// The message with this body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON: a time outside of the years 1 to 9999.
    pub fn new(place: &Place, body: &Body) -> Result<Self, serde_json::Error> {
        let kind = body.kind();
        let event = CloudEvent {
            specversion: "1.0",
            id: place.id(kind),
            source: format!("/api/v1/events/{}", place.event),
            r#type: format!("org.fairseat.{}", kind.name()),
            subject: body.subject().to_string(),
            time: place.at,
            datacontenttype: "application/json",
            sequence: place.sequence(),
            data: body,
        };
        let json = serde_json::to_vec(&event)?.into();
        Ok(Self { kind, key: place.event, at: place.at, json })
    }
}
