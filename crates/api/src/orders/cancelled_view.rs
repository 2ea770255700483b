//! The answer to cancelling an order.

use crate::state::ApiState;
use fairseat_contract::JsonMoney;
use fairseat_contract::orders::CancelledOrder;
use fairseat_domain::Sale;
use fairseat_domain::ids::{OrderNumber, RefundNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::RefundState;

pub(crate) fn cancelled_order_view(
    app: &ApiState,
    sale: &Sale,
    order: OrderNumber,
    number: Option<RefundNumber>,
) -> CancelledOrder {
    let (ids, currency) = (&app.ids, sale.terms().currency);
    let refund = number.and_then(|number| Some((number, sale.refund(number)?)));
    let (status, amount) = match refund {
        Some((_, refund)) => match refund.state {
            RefundState::Completed => ("refunded", refund.amount),
            RefundState::Pending | RefundState::Failed | RefundState::AtCounter => {
                ("refund_pending", refund.amount)
            }
            RefundState::Dropped => ("cancelled", Amount::ZERO),
        },
        None => ("cancelled", Amount::ZERO),
    };
    CancelledOrder {
        order_id: ids.order(sale.event(), order),
        status,
        refunded_amount: JsonMoney(amount, currency),
        currency: currency.code().to_owned(),
        refund_id: refund.map(|(number, _)| ids.refund(sale.event(), number)),
    }
}
