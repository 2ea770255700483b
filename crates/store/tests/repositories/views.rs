//! Views: batches are applied in order and atomically, rebuilt while readers read, and listed for buyers and organizers.

use crate::common::{Fixture, HOUR, at, event_details};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber, ReservationNumber, SeatIndex, TicketNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_store::Page;
use fairseat_store::views::{
    ApplyError, OrderRow, OrderStatus, PaymentStatus, ReservationRow, ReservationStatus, SaleFigures,
    SeatPrice, Seats, TicketRow, TicketStatus, Totals, ViewRows,
};
use std::time::Duration;

const EVENT: EventNumber = EventNumber(1);
const ANNA: AccountId = AccountId(1);
const BERT: AccountId = AccountId(2);

fn seats(seats: &[u32]) -> Seats {
    Seats(seats.iter().map(|seat| SeatPrice { seat: SeatIndex(*seat), price: Amount(1_000) }).collect())
}

fn reservation(number: u32, buyer: AccountId, status: ReservationStatus) -> ReservationRow {
    ReservationRow {
        number: ReservationNumber(number),
        buyer,
        status,
        seats: seats(&[number, number + 100]),
        total: Amount(2_000),
        fees: Amount::ZERO,
        placed_at: at(number.into()),
        expires_at: at(i64::from(number) + 600),
    }
}

fn order(number: u32, buyer: AccountId, status: OrderStatus) -> OrderRow {
    OrderRow {
        number: OrderNumber(number),
        buyer,
        reservation: ReservationNumber(number),
        status,
        payment_status: PaymentStatus::Completed,
        payment_method: "card".to_owned(),
        seats: seats(&[number]),
        first_ticket: Some(TicketNumber(number)),
        total: Amount(1_100),
        fees: Amount(100),
        refunded: Amount::ZERO,
        created_at: at(number.into()),
        confirmed_at: Some(at(number.into())),
        expires_at: None,
        counter_payment: None,
    }
}

fn ticket(number: u32, owner: AccountId) -> TicketRow {
    TicketRow {
        number: TicketNumber(number),
        order: OrderNumber(number),
        owner,
        seat: SeatIndex(number),
        price: Amount(1_000),
        status: TicketStatus::Valid,
        issued_at: at(number.into()),
    }
}

fn sold(sold: u32) -> SaleFigures {
    SaleFigures {
        total: 100,
        available: 100 - sold,
        sold,
        min_price: Some(Amount(1_000)),
        max_price: Some(Amount(1_000)),
        orders: sold,
        revenue: Amount(i64::from(sold) * 1_100),
        ..SaleFigures::default()
    }
}

/// Two orders of Anna and one of Bert, with their tickets and a reservation that is not bought.
fn some_rows() -> ViewRows {
    ViewRows {
        figures: sold(3),
        ended: Vec::new(),
        moved: Vec::new(),
        reservations: vec![
            reservation(0, ANNA, ReservationStatus::ConvertedToOrder),
            reservation(3, ANNA, ReservationStatus::Active),
        ],
        orders: vec![
            order(0, ANNA, OrderStatus::Confirmed),
            order(1, BERT, OrderStatus::Confirmed),
            order(2, ANNA, OrderStatus::Confirmed),
        ],
        tickets: vec![ticket(0, ANNA), ticket(1, BERT), ticket(2, ANNA)],
    }
}

/// A store with one event, on sale from hour 1 to hour 100.
async fn with_event() -> Fixture {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    assert_eq!(fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await, EVENT);
    fixture
}

#[tokio::test]
async fn rows_are_read_back_as_written() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    assert_eq!((views.checkpoint(EVENT).await.unwrap(), views.rows(EVENT).await.unwrap()), (0, None));
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    assert_eq!(views.rows(EVENT).await.unwrap(), Some((7, some_rows())));
    assert_eq!(views.checkpoints(EventNumber(0), 10).await.unwrap(), [(EVENT, 7)]);
}

#[tokio::test]
async fn later_rows_replace_earlier_ones_with_the_same_number() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    let refunded = OrderRow { refunded: Amount(1_100), ..order(0, ANNA, OrderStatus::Refunded) };
    let void = TicketRow { status: TicketStatus::Void, ..ticket(0, ANNA) };
    let batch = ViewRows {
        figures: sold(2),
        ended: vec![
            (ReservationNumber(3), ReservationStatus::Expired),
            (ReservationNumber(77), ReservationStatus::Expired),
        ],
        moved: vec![(ReservationNumber(3), BERT), (ReservationNumber(77), BERT)],
        reservations: vec![reservation(4, BERT, ReservationStatus::Expired)],
        orders: vec![refunded.clone()],
        tickets: vec![void.clone()],
    };
    views.apply(EVENT, 7, 9, batch.clone()).await.unwrap();
    let mut expected = some_rows();
    expected.figures = batch.figures;
    expected.reservations[1].status = ReservationStatus::Expired;
    expected.reservations[1].buyer = BERT;
    expected.reservations.extend(batch.reservations);
    expected.orders[0] = refunded;
    expected.tickets[0] = void;
    assert_eq!(views.rows(EVENT).await.unwrap(), Some((9, expected)));
}

#[tokio::test]
async fn a_batch_that_does_not_continue_the_checkpoint_is_refused() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    for expected in [0, 6, 8] {
        let other = ViewRows { orders: vec![order(9, BERT, OrderStatus::Pending)], ..ViewRows::default() };
        let refused = views.apply(EVENT, expected, 9, other).await;
        assert!(matches!(refused, Err(ApplyError::Stale { stored: 7 })), "expected {expected}: {refused:?}");
    }
    assert_eq!(views.rows(EVENT).await.unwrap(), Some((7, some_rows())));
}

#[tokio::test]
async fn of_two_simultaneous_batches_one_is_applied() {
    let fixture = with_event().await;
    let apply = |sold_seats| {
        let store = fixture.store.clone();
        let rows = ViewRows { figures: sold(sold_seats), ..ViewRows::default() };
        tokio::spawn(async move { store.views().apply(EVENT, 0, 1, rows).await.is_ok() })
    };
    let (one, two) = (apply(1), apply(2));
    assert!(one.await.unwrap() ^ two.await.unwrap());
}

#[tokio::test]
async fn clearing_deletes_the_view_of_one_event_only() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    let other = EventNumber(2);
    for event in [EVENT, other] {
        views.apply(event, 0, 7, some_rows()).await.unwrap();
    }
    views.clear(EVENT).await.unwrap();
    assert_eq!(views.rows(EVENT).await.unwrap(), None);
    assert_eq!(views.rows(other).await.unwrap(), Some((7, some_rows())));
    views.clear_all().await.unwrap();
    assert_eq!(views.rows(other).await.unwrap(), None);
    assert_eq!(views.orders_of_buyer(ANNA, None, Page::FIRST).await.unwrap().total, 0);
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    assert_eq!(views.rows(EVENT).await.unwrap(), Some((7, some_rows())), "and can be written again");
}

#[tokio::test]
async fn readers_never_see_half_of_a_rebuild() {
    let fixture = with_event().await;
    fixture.store.views().apply(EVENT, 0, 7, some_rows()).await.unwrap();
    let store = fixture.store.clone();
    let reading = tokio::spawn(async move {
        let mut seen = 0;
        loop {
            let (checkpoint, rows) = store.views().rows(EVENT).await.unwrap().unwrap();
            assert_eq!(rows, some_rows(), "at checkpoint {checkpoint}");
            let listed = store.views().orders_of_buyer(ANNA, None, Page::FIRST).await.unwrap();
            assert_eq!((listed.rows.len(), listed.total), (2, 2));
            assert!(checkpoint >= seen);
            seen = checkpoint;
            if seen == 100 {
                break;
            }
        }
    });
    for checkpoint in 8..=100 {
        fixture.store.views().replace(EVENT, checkpoint, some_rows()).await.unwrap();
    }
    let read = tokio::time::timeout(Duration::from_secs(60), reading).await;
    read.expect("the reader reaches the last checkpoint").unwrap();
}

#[tokio::test]
async fn replacing_leaves_no_row_that_is_not_in_the_journal() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    let fewer = ViewRows { orders: vec![order(0, ANNA, OrderStatus::Pending)], ..ViewRows::default() };
    views.replace(EVENT, 3, fewer.clone()).await.unwrap();
    assert_eq!(views.rows(EVENT).await.unwrap(), Some((3, fewer)));
}

#[tokio::test]
async fn buyers_see_their_own_orders_newest_first() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    let orders = views.orders_of_buyer(ANNA, None, Page { limit: 1, offset: 0 }).await.unwrap();
    assert_eq!((orders.rows[0].row.clone(), orders.total), (order(2, ANNA, OrderStatus::Confirmed), 2));
    let of = &orders.rows[0];
    assert_eq!((of.event, of.event_name.as_str(), of.currency), (EVENT, "Hamlet", Currency::USD));
    let next = views.orders_of_buyer(ANNA, None, Page { limit: 1, offset: 1 }).await.unwrap();
    assert_eq!(next.rows[0].row.number, OrderNumber(0));
    let reservations = views.reservations_of_buyer(ANNA, Page::FIRST).await.unwrap();
    let numbers: Vec<_> = reservations.rows.iter().map(|of| of.row.number.0).collect();
    assert_eq!(numbers, [3, 0]);
    let tickets = views.tickets_of_owner(BERT, Page::FIRST).await.unwrap();
    assert_eq!((tickets.rows[0].row.clone(), tickets.total), (ticket(1, BERT), 1));
    assert_eq!(views.tickets_of_owner(AccountId(3), Page::FIRST).await.unwrap().total, 0);
}

#[tokio::test]
async fn orders_are_listed_by_event_and_summed_by_currency() {
    let fixture = with_event().await;
    let views = fixture.store.views();
    views.apply(EVENT, 0, 7, some_rows()).await.unwrap();
    let orders = views.orders_of_event(EVENT, Page { limit: 2, offset: 0 }).await.unwrap();
    let numbers: Vec<_> = orders.rows.iter().map(|order| order.number.0).collect();
    assert_eq!((numbers, orders.total), (vec![2, 1], 3));
    assert_eq!(views.orders_of_event(EventNumber(2), Page::FIRST).await.unwrap().total, 0);
    for (hour, events_on_sale) in [(0, 0), (1, 1), (99, 1), (100, 0)] {
        let expected = Totals {
            currency: Currency::USD,
            events_on_sale,
            sold: 3,
            orders: 3,
            revenue: Amount(3_300),
            refunds: Amount::ZERO,
        };
        assert_eq!(views.totals(at(hour * HOUR)).await.unwrap(), [expected], "at hour {hour}");
    }
}
