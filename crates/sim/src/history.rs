//! One history, from a seed: clients act while faults happen, then faults stop, then the result is checked.

use crate::buyer::Buyer;
use crate::cluster::Cluster;
use crate::consumers::{MessageKey, message_for};
use crate::disk::at_once;
use crate::linearizability;
use crate::model;
use crate::model_input::Entry;
use crate::organizer::Organizer;
use crate::plain;
use crate::random::Dice;
use crate::record::Coverage;
use crate::variant_names;
use crate::world::{Style, World};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::{Changes, OrderState};
use fairseat_domain::{Fact, Sale, wire};
use fairseat_engine::stream_of;
use fairseat_journal::{Journal, Position};
use fairseat_store::views::{ViewRows, rows_of};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// The one event.
pub(crate) const EVENT: EventNumber = EventNumber(7);

/// The result of a history.
#[derive(Debug)]
pub struct History {
    /// Everything in the history follows from it.
    pub seed: u64,
    /// Requests that clients sent.
    pub commands: u64,
    /// Broken rules; a sound history has none.
    pub violations: Vec<String>,
    /// Everything that happened, one line each.
    pub trace: String,
    pub(crate) coverage: Coverage,
}

/// Runs the history of a seed, on its own runtime with simulated time.
///
/// # Panics
/// When the runtime cannot be created.
#[must_use]
pub fn history(seed: u64) -> History {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
    runtime.block_on(live(seed))
}

fn style(dice: &mut Dice) -> Style {
    let small = dice.below(4) == 0;
    let nodes = if small { 2 + dice.below(2) } else { 1 + dice.below(3) };
    Style { nodes: usize::try_from(nodes).unwrap_or(1), small, fault_rarity: 1 + dice.below(4) }
}

async fn live(seed: u64) -> History {
    let mut dice = Dice::new(seed);
    let style = style(&mut dice);
    let world = Arc::new(World::new(dice, style));
    world.note(format_args!("{style:?}"));
    let cluster = Cluster::start(&world);
    act(&cluster).await;
    calm_down(&cluster).await;
    conclude(seed, &cluster)
}

/// Buyers, organizer and clocks act, until all are done.
async fn act(cluster: &Arc<Cluster>) {
    let world = &cluster.world;
    let organizer = Organizer { cluster: cluster.clone() };
    organizer.open().await;
    let buyers = if world.style.small { 3 } else { world.between(5, 7) };
    let accounts = buyers.saturating_sub(world.below(2));
    let mut people = JoinSet::new();
    for buyer in 0..buyers {
        let actions = world.between(35, 45);
        people.spawn(Buyer::new(cluster.clone(), u128::from(1 + buyer % accounts)).live(actions));
    }
    let actions = world.between(10, 25);
    people.spawn(organizer.live(actions));
    let disturbances = disturb(cluster.clone());
    people.spawn(disturbances);
    if world.one_in(5) {
        leave(cluster, &mut people).await;
    }
    while people.join_next().await.is_some() {}
}

/// All clients leave at once, perhaps after the event was cancelled. The sale gets no more requests.
async fn leave(cluster: &Arc<Cluster>, people: &mut JoinSet<()>) {
    let world = &cluster.world;
    world.pass_time(60_000, 300_000).await;
    people.abort_all();
    if !world.style.small && world.one_in(2) {
        Organizer { cluster: cluster.clone() }.end().await;
    }
    world.pass_time(0, 3_000).await;
    world.note(format_args!("everybody has left"));
}

/// Makes clocks jump: one node's, or all together.
async fn disturb(cluster: Arc<Cluster>) {
    let world = &cluster.world;
    for _ in 0..3 {
        world.pass_time(20_000, 200_000).await;
        if world.one_in(3) {
            cluster.set_a_clock();
        }
        if !world.style.small && world.one_in(24) {
            world.count("fault", "all clocks leap a day");
            world.note(format_args!("all clocks leap 25 hours"));
            world.leap(25 * 3_600_000);
        }
    }
}

/// Without faults and without requests, everything that was begun must end by itself.
async fn calm_down(cluster: &Arc<Cluster>) {
    const AT_MOST: Duration = Duration::from_secs(2 * 900 + 300);
    let world = &cluster.world;
    world.calm_down();
    world.note(format_args!("no more faults"));
    if world.one_in(2) {
        cluster.end_all("all nodes start again");
    }
    let began = tokio::time::Instant::now();
    while began.elapsed() < AT_MOST {
        tokio::time::sleep(Duration::from_secs(45)).await;
        if cluster.disk.deadline(stream_of(EVENT)).is_none() && !cluster.gateway.has_hints() {
            break;
        }
    }
    // Time for the views to catch up.
    tokio::time::sleep(Duration::from_secs(45)).await;
}

fn conclude(seed: u64, cluster: &Arc<Cluster>) -> History {
    let (entries, sale, nodes) = read_journal(cluster);
    let mut violations = check_state(cluster, &sale, nodes);
    let called_for: BTreeSet<MessageKey> = entries.iter().flat_map(|read| read.3.iter().copied()).collect();
    if cluster.outbox.queued() != called_for {
        violations.push("the messages are not those that the facts call for".to_owned());
    }
    let mut record = cluster.world.record.lock();
    for entry in &entries {
        if let Some(command) = entry.1 {
            record.count("command", command);
        }
        entry.2.iter().for_each(|fact| record.count("fact", fact));
    }
    let entries: Vec<Entry> = entries.into_iter().map(|entry| entry.0).collect();
    let rows = cluster.views.rows();
    violations.append(&mut record.wrong);
    violations.extend(model::judge(
        &entries,
        &record.client_answers,
        &record.books,
        &plain::view_contents(&rows),
    ));
    if cluster.world.style.small && violations.is_empty() {
        match linearizability::explain(&record.operations) {
            Ok(Some(())) => record.count("search", "an order explains the answers"),
            Ok(None) => record.count("search", "took too long"),
            Err(stuck) => violations.push(stuck),
        }
    }
    for violation in &violations {
        record.note(0, format_args!("VIOLATION {violation}"));
    }
    History {
        seed,
        commands: record.commands,
        violations,
        trace: std::mem::take(&mut record.trace),
        coverage: std::mem::take(&mut record.coverage),
    }
}

/// An entry in the model's words; the command's name, if the platform gave it; the facts' names; the messages to send.
type Read = (Entry, Option<&'static str>, Vec<&'static str>, Vec<MessageKey>);

/// All durable entries in the model's words, and the state they lead to.
fn read_journal(cluster: &Cluster) -> (Vec<Read>, Sale, Vec<String>) {
    let mut sale = Sale::unopened(EVENT);
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    let mut after = Position::START;
    let Ok(journal) = cluster.disk.durable() else { return (entries, sale, vec!["no power".to_owned()]) };
    loop {
        let page = match at_once(journal.read(stream_of(EVENT), after, 1 << 20)) {
            Ok(page) => page,
            Err(error) => {
                wrong.push(format!("the journal cannot be read after {}: {error}", after.0));
                return (entries, sale, wrong);
            }
        };
        let Some(last) = page.last() else { return (entries, sale, wrong) };
        after = last.position;
        for batch in &page {
            let decoded = match wire::decode_batch(&batch.payload) {
                Ok(decoded) => decoded,
                Err(error) => {
                    wrong.push(format!("batch {}: {error}", batch.position.0));
                    return (entries, sale, wrong);
                }
            };
            for entry in decoded {
                if let Err(violation) = sale.apply_entry(&entry, &mut Changes::default()) {
                    wrong.push(format!("replay: {violation}"));
                    return (entries, sale, wrong);
                }
                wrong.extend(entry.facts.iter().filter_map(|fact| too_much_held(&sale, fact)));
                wrong.extend(entry.facts.iter().filter_map(|fact| too_much_paid(&sale, fact)));
                let facts = entry.facts.iter().map(variant_names::fact).collect();
                let plain = plain::entry(batch.position.0, &entry, &sale);
                let messages = entry.facts.iter().filter_map(message_for).collect();
                entries.push((plain, variant_names::report(entry.cause), facts, messages));
            }
        }
    }
}

/// Whether more is held from the network of a new reservation than the organizer allowed when it was placed.
fn too_much_held(sale: &Sale, fact: &Fact) -> Option<String> {
    let Fact::ReservationHeldFrom { holder, .. } = fact else { return None };
    let (held, (all, new)) = (sale.held_from(holder.origin), sale.hold_limits());
    let too_many_new = holder.new_account && held.by_new_accounts > new;
    (held.all > all || too_many_new)
        .then(|| format!("{held:?} from one network, {all} and {new} are allowed"))
}

/// Whether more tickets are paid with the instrument of a new attempt than the organizer allowed when it began. The tickets are counted here
/// from orders and payments alone, without the sale's index.
fn too_much_paid(sale: &Sale, fact: &Fact) -> Option<String> {
    let Fact::PaymentIdentified { instrument, .. } = fact else { return None };
    let of_instrument = sale.payments().filter(|(_, payment)| payment.instrument == Some(*instrument));
    let tickets = of_instrument.filter_map(|(number, payment)| {
        let order = sale.order(payment.order)?;
        let paid = matches!(order.state, OrderState::Confirmed(sold) if sold.payment == Some(number));
        (paid || payment.may_still_charge()).then_some(order.items.len())
    });
    let (tickets, limit) = (tickets.sum::<usize>(), sale.instrument_limit());
    (tickets > usize::try_from(limit).unwrap_or(usize::MAX))
        .then(|| format!("{tickets} tickets are paid with one instrument, {limit} are allowed"))
}

/// Checks without the model: the sale's invariants, quarantined sales, views that differ from a fresh replay.
fn check_state(cluster: &Cluster, sale: &Sale, mut wrong: Vec<String>) -> Vec<String> {
    wrong.extend(sale.check_invariants().into_iter().map(|violation| format!("final state: {violation}")));
    for node in (0..cluster.world.style.nodes).filter_map(|node| cluster.node(node)) {
        wrong.extend(node.engine.quarantined().into_values().map(|why| format!("quarantined: {why}")));
        for (_, awake) in node.engine.handles() {
            let published = awake.published();
            if published.position.0 == cluster.disk.head(stream_of(EVENT))
                && published.state.to_snapshot().ok() != sale.to_snapshot().ok()
            {
                wrong.push(format!("node {} has another state than its journal", node.incarnation.node));
            }
        }
    }
    let (followed, fresh) = (cluster.views.rows(), rows_of(sale));
    if !covers(&followed, &fresh) {
        wrong.push("followed views differ from a fresh replay".to_owned());
    }
    wrong
}

/// Whether the views that followed the journal equal fresh ones, apart from reservations that the sale has forgotten.
fn covers(followed: &ViewRows, fresh: &ViewRows) -> bool {
    let known: BTreeSet<_> = fresh.reservations.iter().map(|row| row.number).collect();
    let kept: Vec<_> = followed.reservations.iter().filter(|row| known.contains(&row.number)).collect();
    kept.into_iter().eq(&fresh.reservations)
        && followed.orders == fresh.orders
        && followed.tickets == fresh.tickets
        && followed.figures == fresh.figures
}
