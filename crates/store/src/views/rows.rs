//! The rows of a sale's views.

use crate::error::StoreError;
use crate::sql::{column_as, text_enum};
use fairseat_domain::ids::{AccountId, OrderNumber, ReservationNumber, SeatIndex, TicketNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::time::Timestamp;

text_enum! {
    /// The status of a reservation.
    ReservationStatus {
        /// Its seats are reserved.
        Active = "active",
        /// It expired.
        Expired = "expired",
        /// The buyer cancelled it, or the event was cancelled or deleted.
        Cancelled = "cancelled",
        /// It became an order.
        ConvertedToOrder = "converted_to_order",
    }
}

text_enum! {
    /// The status of an order.
    OrderStatus {
        /// Not paid yet.
        Pending = "pending",
        /// Paid, or free of charge; its tickets are valid.
        Confirmed = "confirmed",
        /// Not paid in the end, or cancelled without a completed refund.
        Cancelled = "cancelled",
        /// Cancelled, and its refund was paid.
        Refunded = "refunded",
    }
}

text_enum! {
    /// The status of an order's payment.
    PaymentStatus {
        /// Its outcome is not known yet.
        Pending = "pending",
        /// Paid.
        Completed = "completed",
        /// It failed, and nothing was charged.
        Failed = "failed",
    }
}

text_enum! {
    /// Whether a ticket is valid for entry.
    TicketStatus {
        /// Valid for entry.
        Valid = "valid",
        /// Not valid for entry until staff have checked its payment.
        Suspended = "suspended",
        /// No longer valid for entry.
        Void = "void",
    }
}

/// Counts of a sale's seats and sums of its money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaleFigures {
    /// All seats.
    pub total: u32,
    /// Seats that can be reserved.
    pub available: u32,
    /// Seats in reservations.
    pub reserved: u32,
    /// Seats with a live ticket.
    pub sold: u32,
    /// Seats not for sale: blocked by the organizer, without a price, or removed from the plan.
    pub blocked: u32,
    /// The lowest price in force.
    pub min_price: Option<Amount>,
    /// The highest price in force.
    pub max_price: Option<Amount>,
    /// Orders ever confirmed.
    pub orders: u32,
    /// The revenue of those orders, including fees.
    pub revenue: Amount,
    /// Completed refunds of cancelled orders.
    pub refunds: Amount,
}

/// A seat and its price in the reservation or order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatPrice {
    /// The seat's index.
    pub seat: SeatIndex,
    /// The price without fees.
    pub price: Amount,
}

/// Seats in the order in which the buyer chose them; stored as JSON pairs of index and price.
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
        /// The buyer's account.
        buyer: AccountId = "buyer",
        /// The status.
        status: ReservationStatus = "status",
        /// Its seats; for an ended one, the last seats.
        seats: Seats = "seats",
        /// The total including fees.
        total: Amount = "total",
        /// The part of the total that is fees.
        fees: Amount = "fees",
        /// When it was placed.
        placed_at: Timestamp = "placed_at",
        /// When it expires.
        expires_at: Timestamp = "expires_at",
    }
}

row! {
    /// An order.
    OrderRow {
        /// Its number in the sale.
        number: OrderNumber = "number",
        /// The buyer's account.
        buyer: AccountId = "buyer",
        /// The reservation that it was made from.
        reservation: ReservationNumber = "reservation",
        /// The status.
        status: OrderStatus = "status",
        /// The payment's status.
        payment_status: PaymentStatus = "payment_status",
        /// The payment method that the buyer named.
        payment_method: String = "payment_method",
        /// Its seats, one for each line.
        seats: Seats = "seats",
        /// The number of its first ticket, once it is confirmed; the tickets of the other lines follow.
        first_ticket: Option<TicketNumber> = "first_ticket",
        /// The total including fees.
        total: Amount = "total",
        /// The part of the total that is fees.
        fees: Amount = "fees",
        /// The refund that was paid; 0 while it is pending or failed.
        refunded: Amount = "refunded",
        /// When it was placed.
        created_at: Timestamp = "created_at",
        /// When it was confirmed.
        confirmed_at: Option<Timestamp> = "confirmed_at",
        /// When a pending order ends unless it is paid.
        expires_at: Option<Timestamp> = "expires_at",
        /// How it was paid at the box office, if it was sold there.
        counter_payment: Option<String> = "tender",
    }
}

row! {
    /// A ticket.
    TicketRow {
        /// Its number in the sale.
        number: TicketNumber = "number",
        /// The order it came from.
        order: OrderNumber = "order_number",
        /// The current owner's account.
        owner: AccountId = "owner",
        /// The seat.
        seat: SeatIndex = "seat",
        /// The price without fees.
        price: Amount = "price",
        /// Whether it is valid for entry.
        status: TicketStatus = "status",
        /// When it was issued.
        issued_at: Timestamp = "issued_at",
    }
}

/// Rows of one sale: those that a batch changed, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewRows {
    /// The figures after the batch.
    pub figures: SaleFigures,
    /// Reservations that ended in the batch and that the sale has forgotten since: their status. Their other columns stay as they are.
    pub ended: Vec<(ReservationNumber, ReservationStatus)>,
    /// Reservations that changed hands in the batch and that the sale has forgotten since: their buyer. Their other columns stay as they are.
    pub moved: Vec<(ReservationNumber, AccountId)>,
    /// Reservations, as they are after the batch.
    pub reservations: Vec<ReservationRow>,
    /// Orders, as they are after the batch.
    pub orders: Vec<OrderRow>,
    /// Tickets, as they are after the batch.
    pub tickets: Vec<TicketRow>,
}
