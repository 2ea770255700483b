//! A client's call over a network that loses, delays and duplicates messages, to a node that may crash. The model later
//! checks every answer that reached the client.

use crate::cluster::{Cluster, Node};
use crate::history::EVENT;
use crate::linearizability::Operation;
use crate::model_input::{ClientAnswer, Said, Statement};
use crate::plain;
use crate::variant_names::{self, Short};
use crate::world::World;
use fairseat_domain::sale::{OrderState, Request, Subject};
use fairseat_domain::{Actor, Command, Idempotency};
use fairseat_engine::{Answered, Authorization, Fault, Instrument, PaymentRef, Published, stream_of};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// A client's command, its idempotency key with the fingerprint of the body, and the card that pays.
#[derive(Clone, Debug)]
pub(crate) struct ClientRequest {
    pub(crate) command: Command,
    pub(crate) key: Option<(u64, u64)>,
    pub(crate) card: &'static str,
}

impl ClientRequest {
    pub(crate) fn new(command: Command) -> Self {
        Self { command, key: None, card: "good" }
    }
}

/// The outcome of a call, as the client knows it.
#[derive(Clone, Debug)]
pub(crate) enum CallOutcome {
    Yes(Subject),
    No,
    /// No answer: it may have been done or not.
    Nothing,
}

/// When a request was sent: its number, the true time and the number of durable versions.
#[derive(Clone, Copy, Debug)]
struct SentAt {
    request: u64,
    at: i64,
    known: u64,
}

type Answers = Result<(Answered, Option<Arc<Published>>), Fault>;

/// How long a client waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a request waits for the gateway before it says that the order is pending.
const PENDING_AFTER: Duration = Duration::from_secs(8);

/// Asks one node.
pub(crate) async fn call(cluster: &Arc<Cluster>, node: usize, wish: &ClientRequest) -> CallOutcome {
    let world = &cluster.world;
    if !world.style.small {
        return ask(cluster, node, wish).await.0;
    }
    let at = note_operation(world, wish);
    let (heard, said) = ask(cluster, node, wish).await;
    let now = world.now();
    let mut record = world.record.lock();
    if let (Some(operation), Some(said)) = (at.and_then(|at| record.operations.get_mut(at)), said) {
        operation.answer = Some((now, said));
    }
    heard
}

/// Records a command that may take effect from now on, or never.
fn note_operation(world: &World, wish: &ClientRequest) -> Option<usize> {
    let wanted = plain::wish(&wish.command).filter(|_| world.style.small)?;
    let mut record = world.record.lock();
    record.operations.push(Operation { call: world.now(), answer: None, key: wish.key, wish: wanted });
    record.operations.len().checked_sub(1)
}

async fn ask(cluster: &Arc<Cluster>, node: usize, wish: &ClientRequest) -> (CallOutcome, Option<Said>) {
    let world = &cluster.world;
    let request = world.number();
    world.record.lock().commands += 1;
    world.count("command", variant_names::command(&wish.command));
    let Some(node) = cluster.node(node) else {
        world.pass_time(50, 500).await;
        return (CallOutcome::Nothing, None);
    };
    let sent = SentAt { request, at: world.now(), known: cluster.disk.head(stream_of(EVENT)) };
    world.note(format_args!("request {request} to node {}: {}", node.incarnation.node, Short(wish)));
    if world.fault("request is lost", 60) {
        world.pass_time(1_000, 10_000).await;
        return (CallOutcome::Nothing, None);
    }
    let slow = world.fault("request is slow", 40);
    world.pass_time(1, if slow { 8_000 } else { 30 }).await;
    if wish.key.is_some() && world.fault("request comes twice", 20) {
        drop(handle(cluster, &node, world.number(), wish));
        note_operation(world, wish);
    }
    let answers = handle(cluster, &node, request, wish);
    let heard = tokio::select! {
        biased;
        () = node.incarnation.ended() => None,
        answers = timeout(PATIENCE, answers) => answers.ok().and_then(Result::ok),
    };
    world.pass_time(1, 20).await;
    match heard {
        None => (CallOutcome::Nothing, None),
        Some(_) if world.fault("answer is lost", 60) => {
            world.pass_time(1_000, 10_000).await;
            (CallOutcome::Nothing, None)
        }
        Some(answers) => hear(cluster, &node, sent, wish, answers),
    }
}

/// What a server does with a request, whether or not the client still waits for the answer.
fn handle(
    cluster: &Arc<Cluster>,
    node: &Arc<Node>,
    request: u64,
    wish: &ClientRequest,
) -> oneshot::Receiver<Answers> {
    let (done, answers) = oneshot::channel();
    let (cluster, node, wish) = (cluster.clone(), node.clone(), wish.clone());
    drop(tokio::spawn(async move {
        let idempotency = wish.key.map(|(key, body)| Idempotency { key: u128::from(key), body });
        let paying = matches!(wish.command, Command::PlaceOrder { .. });
        let (actor, request) = (Actor::System, u128::from(request));
        let holder = plain::holder_of(&wish.command);
        let wanted = Request { command: wish.command.clone(), actor, request, idempotency, holder };
        let answers = match node.engine.submit(EVENT, wanted).await {
            Ok(answered) => {
                let later = if paying { pay(&node, &answered, wish.card).await } else { None };
                Ok((answered, later))
            }
            Err(fault) => Err(fault),
        };
        node.incarnation.crash_point("reply.before").await;
        cluster.world.note(format_args!("node {} answers request {request}", node.incarnation.node));
        // The client may have gone.
        drop(done.send(answers));
    }));
    answers
}

/// Has a new attempt charged, and waits a while for its outcome.
async fn pay(node: &Arc<Node>, answered: &Answered, card: &str) -> Option<Arc<Published>> {
    let decision = answered.answer.as_ref().ok().filter(|decision| !decision.replayed)?;
    let Subject::Payment(_, Some(payment)) = decision.subject else { return None };
    let sale = &answered.published.state;
    let authorization = Authorization {
        reference: PaymentRef { event: EVENT, payment },
        amount: sale.payment(payment)?.amount,
        currency: sale.terms().currency,
        instrument: Instrument(card.to_owned()),
    };
    let followed = timeout(PENDING_AFTER, tokio::spawn(node.effects.pay(authorization))).await;
    followed.ok()?.ok()?.map(|followed| followed.answered.published)
}

fn hear(
    cluster: &Arc<Cluster>,
    node: &Arc<Node>,
    sent: SentAt,
    wish: &ClientRequest,
    answers: Answers,
) -> (CallOutcome, Option<Said>) {
    let world = &cluster.world;
    let SentAt { request, at, known } = sent;
    let asked = node.clock.least(at);
    let (answered, later) = match answers {
        Ok(answers) => answers,
        Err(fault) => {
            world.count("failure", variant_names::failure(&fault));
            world.note(format_args!("request {request} failed: {fault}"));
            return (CallOutcome::Nothing, None);
        }
    };
    let heard = node.clock.most(world.now());
    let durable = cluster.disk.head(stream_of(EVENT));
    let published = answered.published;
    let said = match &answered.answer {
        Ok(decision) if decision.replayed => Said::Again(plain::subject(decision.subject)),
        Ok(decision) if decision.facts.is_empty() => Said::Nothing,
        Ok(decision) => Said::Done(plain::changes(&decision.facts), plain::subject(decision.subject)),
        Err(refusal) => Said::Claim(plain::refusal_reason(&wish.command, refusal, &published.state)),
    };
    let (span, durable) = ((asked, heard), (known, durable));
    let answer_to = |request, version: &Published, said| -> ClientAnswer {
        ClientAnswer { request, key: wish.key, span, version: version.position.0, durable, said }
    };
    world.note(format_args!("request {request} heard in version {}: {said:?}", published.position.0));
    let mut record = world.record.lock();
    record.client_answers.push(answer_to(request, &published, said.clone()));
    let newest = later.unwrap_or(published);
    match answered.answer {
        Ok(decision) => {
            if let Some(statement) = shown(&newest, decision.subject) {
                record.client_answers.push(answer_to(0, &newest, Said::Claim(statement)));
            }
            (CallOutcome::Yes(decision.subject), Some(said))
        }
        Err(refusal) => {
            record.count("refusal", variant_names::refusal(&refusal));
            (CallOutcome::No, Some(said))
        }
    }
}

/// In the model's words: the buyer was shown this order as confirmed.
fn shown(published: &Published, subject: Subject) -> Option<Statement> {
    let Subject::Payment(order, _) = subject else { return None };
    let confirmed = matches!(published.state.order(order)?.state, OrderState::Confirmed(_));
    confirmed.then(|| Statement { verb: "shown", a: i64::from(order.0), ..Default::default() })
}
