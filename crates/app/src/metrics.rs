//! The application's metrics. Updating one costs an atomic addition. Labels have few values, which are known at compile time (names, codes,
//! currencies); an event, a buyer or an address is never a label.

use fairseat_bus::BusObserver;
use fairseat_messages::MailObserver;
use fairseat_store::ReplicaStatus;
use parking_lot::Mutex;
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use std::fmt;
use std::hash::Hash;
use std::time::Duration;

/// Currencies that get a label of their own; all further ones share `etc`.
const MAX_CURRENCIES: usize = 40;

/// Bucket bounds of database queries, in seconds.
const QUERY_SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 5.0, 10.0];
/// Bucket bounds of order totals, in the currency's main unit.
const ORDER_VALUES: [f64; 10] =
    [10.0, 25.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_500.0, 10_000.0, 100_000.0];

/// A label whose values are constants of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct WordLabel {
    key: &'static str,
    value: &'static str,
}

impl EncodeLabelSet for WordLabel {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        (self.key, self.value).encode(encoder.encode_label())
    }
}

/// A currency code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CurrencyLabel([u8; 3]);

impl EncodeLabelSet for CurrencyLabel {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("currency", std::str::from_utf8(&self.0).unwrap_or("other")).encode(encoder.encode_label())
    }
}

/// Makes histograms over fixed buckets.
#[derive(Clone, Copy, Debug)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

fn buckets<L: Clone + Hash + Eq>(bounds: &'static [f64]) -> Family<L, Histogram, Buckets> {
    Family::new_with_constructor(Buckets(bounds))
}

/// All metrics of one server.
#[derive(Debug)]
pub struct Metrics {
    /// Currencies that have a label of their own.
    currencies: Mutex<Vec<[u8; 3]>>,
    queries: Family<WordLabel, Histogram, Buckets>,
    cache_hits: Family<WordLabel, Counter>,
    cache_misses: Family<WordLabel, Counter>,
    queue_lengths: Family<WordLabel, Gauge>,
    live_viewers: Gauge,
    events_on_sale: Gauge,
    sales_awake: Gauge,
    sales_memory: Gauge,
    reservations: Counter,
    orders: Counter,
    tickets_sold: Counter,
    tickets_returned: Counter,
    revenue: Family<CurrencyLabel, Counter>,
    refunds: Family<CurrencyLabel, Counter>,
    order_value: Family<CurrencyLabel, Histogram, Buckets>,
    payments_failed: Family<WordLabel, Counter>,
    mail_sent: Counter,
    mail_failed: Family<WordLabel, Counter>,
    mail_oldest: Gauge,
    alerts: Family<WordLabel, Counter>,
    overdue: Gauge,
    bus_published: Counter,
    bus_failed: Family<WordLabel, Counter>,
    bus_away: Gauge,
    replicas_away: Gauge,
    replica_delay: Gauge,
}

/// Registers metrics under their names while the struct that holds them is being built.
struct Build<'r>(&'r mut Registry);

impl Build<'_> {
    fn add<M: Metric + Clone>(&mut self, name: &str, help: &str, metric: M) -> M {
        self.0.register(name, help, metric.clone());
        metric
    }

    fn plain<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        self.add(name, help, M::default())
    }
}

impl Metrics {
    /// All at zero, listed in `registry`.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        let mut build = Build(registry);
        Self {
            queries: build.add("query_duration_seconds", "Database queries by name", buckets(&QUERY_SECONDS)),
            cache_hits: build.plain("cache_hits", "Answers found in a cache"),
            cache_misses: build.plain("cache_misses", "Answers not found in a cache"),
            queue_lengths: build.plain("queue_length", "Items waiting in a queue"),
            live_viewers: build.plain("live_viewers", "Open live seat maps"),
            events_on_sale: build.plain("events_on_sale", "Events on sale"),
            sales_awake: build.plain("sales_awake", "Sales in memory"),
            sales_memory: build
                .plain("sales_memory_bytes", "Memory that the sales in memory take, by estimate"),
            reservations: build.plain("reservations", "Reservations made"),
            orders: build
                .plain("orders_confirmed", "Orders confirmed; divided by reservations, the conversion rate"),
            tickets_sold: build.plain("tickets_sold", "Tickets of confirmed orders"),
            tickets_returned: build.plain("tickets_returned", "Tickets refunded or voided"),
            revenue: build.plain("revenue_minor_units", "Confirmed order totals, in minor units"),
            refunds: build.plain("refunds_minor_units", "Refunded amounts, in minor units"),
            order_value: build.add(
                "order_value",
                "Totals of confirmed orders, in the currency's main unit",
                buckets(&ORDER_VALUES),
            ),
            payments_failed: build.plain("payments_failed", "Payment attempts that failed, by reason"),
            mail_sent: build
                .plain("mail_sent", "Messages accepted by a mail server or by the demo's mailbox"),
            mail_failed: build.plain("mail_failed", "Attempts to send a message that failed, by reason"),
            mail_oldest: build.plain("mail_oldest_seconds", "How long the oldest message has waited"),
            alerts: build.plain("alerts", "Problems that an operator must look at, by kind"),
            overdue: build.plain(
                "provider_overdue",
                "Payments and refunds unfinished for an hour: investigate when above 0",
            ),
            bus_published: build.plain("bus_published", "Messages that the message broker stored"),
            bus_failed: build.plain("bus_failed", "Calls to the message broker that failed, by reason"),
            bus_away: build.plain(
                "bus_away_seconds",
                "How long the message broker has been away; 0 while it is there or none is configured",
            ),
            replicas_away: build
                .plain("database_replicas_away", "Database replicas that are away, or too late to be asked"),
            replica_delay: build.plain(
                "database_replica_delay_seconds",
                "How late the latest of the database replicas is that are asked",
            ),
            currencies: Mutex::default(),
        }
    }

    /// Records the duration of a database query.
    pub fn query(&self, name: &'static str, took: Duration) {
        self.queries.get_or_create(&WordLabel { key: "query", value: name }).observe(took.as_secs_f64());
    }

    /// Counts a hit or a miss of a cache.
    pub fn cache(&self, name: &'static str, hit: bool) {
        let family = if hit { &self.cache_hits } else { &self.cache_misses };
        family.get_or_create(&WordLabel { key: "cache", value: name }).inc();
    }

    /// Sets the length of a queue.
    pub fn queue_length(&self, name: &'static str, length: usize) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        self.queue_lengths.get_or_create(&WordLabel { key: "queue", value: name }).set(length);
    }

    /// A live seat map was opened.
    pub fn viewer_joined(&self) {
        self.live_viewers.inc();
    }

    /// A live seat map was closed.
    pub fn viewer_left(&self) {
        self.live_viewers.dec();
    }

    /// Sets the number of events on sale.
    pub fn events_on_sale(&self, count: usize) {
        self.events_on_sale.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets the number of sales that are awake, and the memory that they take.
    pub fn sales_awake(&self, count: usize, bytes: usize) {
        self.sales_awake.set(i64::try_from(count).unwrap_or(i64::MAX));
        self.sales_memory.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts a reservation.
    pub fn reservation_made(&self) {
        self.reservations.inc();
    }

    /// Counts a confirmed order with its tickets and its total.
    pub fn order_confirmed(&self, tickets: usize, total: Money) {
        self.orders.inc();
        self.tickets_sold.inc_by(u64::try_from(tickets).unwrap_or(u64::MAX));
        let label = self.currency(total.currency);
        self.revenue.get_or_create(&label).inc_by(total.minor_units());
        self.order_value.get_or_create(&label).observe(total.main_units());
    }

    /// Counts a refund with its tickets.
    pub fn refunded(&self, tickets: usize, amount: Money) {
        self.tickets_returned.inc_by(u64::try_from(tickets).unwrap_or(u64::MAX));
        self.refunds.get_or_create(&self.currency(amount.currency)).inc_by(amount.minor_units());
    }

    /// Counts a failed payment attempt by reason.
    pub fn payment_failed(&self, reason: &'static str) {
        self.payments_failed.get_or_create(&WordLabel { key: "reason", value: reason }).inc();
    }

    /// Sets the age of the oldest message in the outbox.
    pub fn mail_oldest(&self, waited: Duration) {
        self.mail_oldest.set(i64::try_from(waited.as_secs()).unwrap_or(i64::MAX));
    }

    /// Sets the number of payments and refunds that the provider has not finished for too long.
    pub fn overdue(&self, count: usize) {
        self.overdue.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets how long the message broker has been away; `None` while it is there.
    pub fn bus_away(&self, away: Option<Duration>) {
        // At least 1 while it is away, so that an alert above 0 sees it at once.
        let seconds = away.map_or(0, |away| away.as_secs().max(1));
        self.bus_away.set(i64::try_from(seconds).unwrap_or(i64::MAX));
    }

    /// Sets how the database replicas are.
    pub fn replicas(&self, replicas: &[ReplicaStatus]) {
        let away = replicas.iter().filter(|replica| replica.delay.is_none()).count();
        self.replicas_away.set(i64::try_from(away).unwrap_or(i64::MAX));
        let latest = replicas.iter().filter_map(|replica| replica.delay).max().unwrap_or_default();
        self.replica_delay.set(i64::try_from(latest.as_secs()).unwrap_or(i64::MAX));
    }

    /// Counts an alert: something that an operator must look at.
    pub fn alert(&self, kind: &'static str) {
        self.alerts.get_or_create(&WordLabel { key: "kind", value: kind }).inc();
    }

    /// The label of a currency. Organizers choose currencies, so their number is bounded here.
    fn currency(&self, currency: fairseat_domain::money::Currency) -> CurrencyLabel {
        let other = CurrencyLabel(*b"etc");
        let Ok(code) = currency.code().as_bytes().try_into() else { return other };
        let mut seen = self.currencies.lock();
        if !seen.contains(&code) {
            if seen.len() >= MAX_CURRENCIES {
                return other;
            }
            seen.push(code);
        }
        CurrencyLabel(code)
    }
}

impl BusObserver for Metrics {
    fn published(&self, messages: usize) {
        self.bus_published.inc_by(u64::try_from(messages).unwrap_or(u64::MAX));
    }

    fn failed(&self, reason: &'static str) {
        self.bus_failed.get_or_create(&WordLabel { key: "reason", value: reason }).inc();
    }
}

impl MailObserver for Metrics {
    fn sent(&self) {
        self.mail_sent.inc();
    }

    fn failed(&self, reason: &'static str) {
        self.mail_failed.get_or_create(&WordLabel { key: "reason", value: reason }).inc();
    }

    fn given_up(&self) {
        self.alert("mail_given_up");
    }

    fn panicked(&self) {
        self.alert("mail_panicked");
    }
}

/// An amount of money, for metrics.
#[derive(Clone, Copy, Debug)]
pub struct Money {
    /// The amount, in minor units.
    pub amount: fairseat_domain::money::Amount,
    /// The currency.
    pub currency: fairseat_domain::money::Currency,
}

impl Money {
    fn minor_units(self) -> u64 {
        u64::try_from(self.amount.0).unwrap_or_default()
    }

    /// For histogram buckets only; never used for charging.
    fn main_units(self) -> f64 {
        self.currency.format(self.amount).parse().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::money::{Amount, Currency};
    use prometheus_client::encoding::text;

    fn encoded(registry: &Registry) -> String {
        let mut encoded = String::new();
        text::encode(&mut encoded, registry).unwrap();
        encoded
    }

    #[test]
    fn sales_are_counted() {
        let mut registry = Registry::with_prefix("fairseat");
        let metrics = Metrics::new(&mut registry);
        metrics.reservation_made();
        metrics.order_confirmed(2, Money { amount: Amount(60_000), currency: Currency::USD });
        metrics.refunded(1, Money { amount: Amount(30_000), currency: Currency::USD });
        metrics.payment_failed("declined");
        metrics.cache("events", true);
        metrics.queue_length("mailbox", 7);
        let text = encoded(&registry);
        for line in [
            "fairseat_reservations_total 1",
            "fairseat_orders_confirmed_total 1",
            "fairseat_tickets_sold_total 2",
            "fairseat_revenue_minor_units_total{currency=\"USD\"} 60000",
            "fairseat_refunds_minor_units_total{currency=\"USD\"} 30000",
            "fairseat_order_value_sum{currency=\"USD\"} 600.0",
            "fairseat_payments_failed_total{reason=\"declined\"} 1",
            "fairseat_cache_hits_total{cache=\"events\"} 1",
            "fairseat_queue_length{queue=\"mailbox\"} 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn currencies_are_bounded() {
        let mut registry = Registry::with_prefix("fairseat");
        let metrics = Metrics::new(&mut registry);
        for first in 'A'..='Z' {
            for second in 'A'..='Z' {
                let currency = Currency::from_code(&format!("{first}{second}X")).unwrap();
                metrics.order_confirmed(1, Money { amount: Amount(1), currency });
            }
        }
        let lines = encoded(&registry);
        let labels = lines.lines().filter(|line| line.starts_with("fairseat_revenue_minor_units_total{"));
        assert_eq!(labels.count(), MAX_CURRENCIES + 1);
    }
}
