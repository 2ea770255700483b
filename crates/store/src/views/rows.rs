//! The rows of a sale's views: plain data, made from the sale's facts by whoever follows its journal.

use crate::error::StoreError;
use crate::sql::{column_as, text_enum};
use fairseat_domain::ids::{AccountId, OrderNumber, ReservationNumber, SeatIndex, TicketNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::time::Timestamp;

text_enum! {
    /// What has become of a reservation.
    ReservationStatus {
        /// Its seats are held.
        Active = "active",
        /// Its time was up.
        Expired = "expired",
        /// It was given back.
        Cancelled = "cancelled",
        /// It was bought.
        ConvertedToOrder = "converted_to_order",
    }
}

text_enum! {
    /// What has become of an order.
    OrderStatus {
        /// Not paid yet.
        Pending = "pending",
        /// Paid, or nothing was to be paid; its tickets are valid.
        Confirmed = "confirmed",
        /// Ended with nothing to give back.
        Cancelled = "cancelled",
        /// Ended, and money goes back.
        Refunded = "refunded",
    }
}

text_enum! {
    /// How far the payment of an order is.
    PaymentStatus {
        /// Nothing is certain yet.
        Pending = "pending",
        /// Paid.
        Completed = "completed",
        /// Not paid, for certain.
        Failed = "failed",
    }
}

text_enum! {
    /// Whether a ticket lets somebody in.
    TicketStatus {
        /// It does.
        Valid = "valid",
        /// It does not until somebody has looked at its payment.
        Suspended = "suspended",
        /// It does not any more.
        Void = "void",
    }
}

/// What a sale's seats and money come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// All seats.
    pub total: u32,
    /// Seats that can be reserved.
    pub available: u32,
    /// Seats in reservations.
    pub reserved: u32,
    /// Seats with a live ticket.
    pub sold: u32,
    /// Seats withheld.
    pub blocked: u32,
    /// The lowest price in force.
    pub min_price: Option<Amount>,
    /// The highest price in force.
    pub max_price: Option<Amount>,
    /// Orders ever confirmed.
    pub orders: u32,
    /// What they brought, fees included.
    pub revenue: Amount,
    /// What went back of it.
    pub refunds: Amount,
}

/// A seat and the price it was promised at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatPrice {
    /// Which.
    pub seat: SeatIndex,
    /// Without fees.
    pub price: Amount,
}

/// Seats in the order asked; in a column, JSON pairs of index and price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seats(pub Vec<SeatPrice>);

column_as! {
    Seats as String: |this| this.to_json(), |stored| Self::from_json(&stored);
}

impl Seats {
    fn to_json(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|SeatPrice { seat, price }| (seat.0, price.0)).collect();
        serde_json::to_string(&pairs).unwrap_or_default()
    }

    fn from_json(text: &str) -> Option<Self> {
        let pairs: Vec<(u32, i64)> = serde_json::from_str(text).ok()?;
        let seat = |(seat, price)| SeatPrice { seat: SeatIndex(seat), price: Amount(price) };
        Some(Self(pairs.into_iter().map(seat).collect()))
    }
}

/// Declares a row: a struct, its columns in the order of the fields, and both directions.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $column:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            pub(crate) const COLUMNS: &'static [&'static str] = &[$($column),*];

            pub(crate) fn read(row: &crate::sql::Row<'_>) -> Result<Self, StoreError> {
                Ok(Self { $($field: row.next()?,)* })
            }

            pub(crate) fn values(&self) -> Vec<crate::sql::Value> {
                vec![$(crate::sql::Column::value(&self.$field)),*]
            }
        }
    };
}

row! {
    /// A reservation.
    ReservationRow {
        /// Its number in the sale.
        number: ReservationNumber = "number",
        /// Whose.
        buyer: AccountId = "buyer",
        /// What has become of it.
        status: ReservationStatus = "status",
        /// What it holds or held last.
        seats: Seats = "seats",
        /// All-in.
        total: Amount = "total",
        /// The part of the total that is fees.
        fees: Amount = "fees",
        /// When it was placed.
        placed_at: Timestamp = "placed_at",
        /// When its time is up.
        expires_at: Timestamp = "expires_at",
    }
}

row! {
    /// An order.
    OrderRow {
        /// Its number in the sale.
        number: OrderNumber = "number",
        /// Whose.
        buyer: AccountId = "buyer",
        /// What was bought.
        reservation: ReservationNumber = "reservation",
        /// What has become of it.
        status: OrderStatus = "status",
        /// How far its payment is.
        payment_status: PaymentStatus = "payment_status",
        /// The method's name as the buyer gave it.
        payment_method: String = "payment_method",
        /// Its lines.
        seats: Seats = "seats",
        /// Its tickets are numbered from here, one for each line, once it is confirmed.
        first_ticket: Option<TicketNumber> = "first_ticket",
        /// All-in.
        total: Amount = "total",
        /// The part of the total that is fees.
        fees: Amount = "fees",
        /// What goes or went back.
        refunded: Amount = "refunded",
        /// When it was placed.
        created_at: Timestamp = "created_at",
        /// When it was confirmed.
        confirmed_at: Option<Timestamp> = "confirmed_at",
        /// When it ends unless paid; for pending ones.
        expires_at: Option<Timestamp> = "expires_at",
        /// What was taken for it, if it was sold at the counter.
        tender: Option<String> = "tender",
    }
}

row! {
    /// A ticket.
    TicketRow {
        /// Its number in the sale.
        number: TicketNumber = "number",
        /// The order it came from.
        order: OrderNumber = "order_number",
        /// Whose it is now.
        owner: AccountId = "owner",
        /// For which seat.
        seat: SeatIndex = "seat",
        /// What the seat cost, without fees.
        price: Amount = "price",
        /// Whether it lets somebody in.
        status: TicketStatus = "status",
        /// Since when there is one.
        issued_at: Timestamp = "issued_at",
    }
}

/// Rows of one sale: what a batch changes, or all there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewRows {
    /// As they are after the batch.
    pub counters: Counters,
    /// Reservations, as they are after the batch.
    pub reservations: Vec<ReservationRow>,
    /// Orders, as they are after the batch.
    pub orders: Vec<OrderRow>,
    /// Tickets, as they are after the batch.
    pub tickets: Vec<TicketRow>,
}
