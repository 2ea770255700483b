//! An event in the form that changes it.

use super::fields::Fields;
use super::layout::{Event, HoldLimits};
use fairseat_web::values::Instant;

/// The form filled in from the event.
pub(crate) fn filled(event: &Event) -> Fields {
    let mut fields = Fields::default();
    let time = |instant: Instant| instant.at(&event.timezone).field();
    for (name, value) in [
        ("name", event.name.clone()),
        ("performer", event.performer.clone()),
        ("description", event.description.clone()),
        ("category", event.category.clone()),
        ("start_time", time(event.start_time)),
        ("end_time", time(event.end_time)),
        ("on_sale_time", time(event.on_sale_time)),
        ("currency", event.currency.clone()),
        ("max_tickets_per_user", event.max_tickets_per_user.to_string()),
        ("fees.per_ticket", event.fees.per_ticket.digits().to_owned()),
        ("fees.per_order", event.fees.per_order.digits().to_owned()),
        ("fees.percent", event.fees.percent.short().to_owned()),
        ("refund_policy.percent", event.refund_policy.percent.short().to_owned()),
        ("refund_policy.until_hours_before_start", event.refund_policy.until_hours_before_start.to_string()),
    ] {
        fields.set(name, value);
    }
    if let Some(doors) = event.doors_time {
        fields.set("doors_time", time(doors));
    }
    if event.sales_end_time != event.start_time {
        fields.set("sales_end_time", time(event.sales_end_time));
    }
    if event.refund_policy.fees {
        fields.set("refund_policy.fees", "true");
    }
    let HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument } = event.hold_limits;
    for (name, limit) in [
        ("hold_limits.seats", seats),
        ("hold_limits.seats_of_new_accounts", seats_of_new_accounts),
        ("hold_limits.tickets_per_instrument", tickets_per_instrument),
    ] {
        if let Some(limit) = limit {
            fields.set(name, limit.to_string());
        }
    }
    if event.refuse_single_seats {
        fields.set("refuse_single_seats", "true");
    }
    for (name, price) in &event.price_tiers {
        fields.set(&format!("price.{name}"), price.digits());
    }
    fields
}
