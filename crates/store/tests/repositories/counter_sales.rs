//! Customers at the counter.

use crate::common::{Fixture, at, event_details};
use fairseat_domain::ids::OrderNumber;
use fairseat_store::counter_sales::Customer;

#[tokio::test]
async fn the_first_customer_of_an_order_stays() {
    let fixture = Fixture::new().await;
    let (theatre, seller) = fixture.organization("theatre").await;
    let event = fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await;
    let customers = fixture.store.counter_sales();
    let anna = Customer { name: "Anna".to_owned(), ..Customer::default() };
    let bert = Customer { name: "Bert".to_owned(), ..Customer::default() };
    customers.note((event, OrderNumber(3)), seller, anna.clone(), at(1)).await.unwrap();
    customers.note((event, OrderNumber(3)), seller, bert, at(2)).await.unwrap();
    assert_eq!(customers.of(event, OrderNumber(3)).await.unwrap(), Some(anna));
    assert_eq!(customers.of(event, OrderNumber(4)).await.unwrap(), None);
}
