//! The context of a request: client address, request id, trace.
//!
//! A valid request id or trace from the caller is continued; anything else is replaced. The client's address is the peer's, unless the peer
//! is a proxy that the operator trusts.

use crate::recent_write::needs_latest;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use fairseat_domain::ids::AccountId;
use ipnet::IpNet;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

/// The header with the request id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header that carries a [`Trace`].
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The context of a request; an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestContext {
    /// Also in the answer's `x-request-id`, in the log, and in the facts that the request caused.
    pub request_id: u128,
    /// The trace this request belongs to, and our own span in it.
    pub trace: Trace,
    /// The client's address, as reported by trusted proxies.
    pub client: IpAddr,
    /// The id under which another node may have received the same command before; a sale carries out a command with a known id once.
    pub command: Option<u128>,
    /// Whether the caller must see the latest state; otherwise lists may be read from a database replica.
    pub needs_latest: bool,
}

/// What another node says about a request that it passes on to this one: an extension of the request. The listener for nodes has checked that
/// the node is one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOn {
    /// The address of the client that sent the request.
    pub client: IpAddr,
    /// The command's id.
    pub command: u128,
}

/// The address at the other end of the connection; the listener puts it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The account that sent a request, once a handler has found it: an extension of every request, so that the log line can name it. Clones
/// share it.
#[derive(Clone, Debug, Default)]
pub struct FoundAccount(Arc<OnceLock<AccountId>>);

impl FoundAccount {
    /// Notes the account. The first one stays.
    pub fn note(extensions: &Extensions, account: AccountId) {
        if let Some(found) = extensions.get::<Self>() {
            found.0.get_or_init(|| account);
        }
    }

    /// The account; `None` for an anonymous request, and for one that was answered without asking who sent it.
    #[must_use]
    pub fn get(&self) -> Option<AccountId> {
        self.0.get().copied()
    }
}

/// The extensions that a page's request passes on to its API requests, so that all of them share one request id in the log, and the
/// page's log line names the account that the API found.
#[must_use]
pub fn inherited_extensions(extensions: &Extensions) -> Extensions {
    let mut inherited = Extensions::new();
    if let Some(context) = extensions.get::<RequestContext>() {
        inherited.insert(*context);
    }
    if let Some(peer) = extensions.get::<Peer>() {
        inherited.insert(*peer);
    }
    if let Some(account) = extensions.get::<FoundAccount>() {
        inherited.insert(account.clone());
    }
    inherited
}

/// A position in a distributed trace (W3C Trace Context, level 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The whole trace; never 0.
    pub trace_id: u128,
    /// One step of the trace; never 0.
    pub span_id: u64,
    /// Whether the caller records this trace.
    pub sampled: bool,
}

/// An address or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(Self)
            .map_err(|_unreadable| "is neither an address nor a network such as 10.0.0.0/8".to_owned())
    }
}

impl Network {
    /// Whether `address` belongs to it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl RequestContext {
    /// The context of a request with these headers from this client.
    #[must_use]
    pub fn of(headers: &HeaderMap, client: IpAddr) -> Self {
        let needs_latest = needs_latest(headers);
        Self { request_id: request_id(headers), trace: trace(headers), client, command: None, needs_latest }
    }

    /// As [`Self::of`], but only if the caller sent a request id or a trace.
    #[must_use]
    pub fn given(headers: &HeaderMap, client: IpAddr) -> Option<Self> {
        let is_given = headers.contains_key(REQUEST_ID) || headers.contains_key(TRACEPARENT);
        is_given.then(|| Self::of(headers, client))
    }

    /// The request id as a header value: a UUID.
    #[must_use]
    pub fn request_id_header(&self) -> HeaderValue {
        let mut buffer = uuid::Uuid::encode_buffer();
        let text = uuid::Uuid::from_u128(self.request_id).hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("invalid"))
    }
}

impl Trace {
    /// Reads a `traceparent` header; `None` when its syntax is invalid, as the specification asks.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace_id, span_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version = lower_hex(version, 2)?;
        let newer = version > 0;
        if version == 0xff || (!newer && parts.next().is_some()) {
            return None;
        }
        let trace_id = lower_hex(trace_id, 32).filter(|id| *id != 0)?;
        let span_id = lower_hex(span_id, 16).filter(|id| *id != 0)?;
        let flags = lower_hex(flags, 2)?;
        Some(Self { trace_id, span_id: u64::try_from(span_id).ok()?, sampled: flags & 1 == 1 })
    }

    /// The `traceparent` to pass on.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        let mut text = *b"00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-00";
        let mut span = [0; 32];
        uuid::Uuid::from_u128(u128::from(self.span_id)).simple().encode_lower(&mut span);
        text[36..52].copy_from_slice(&span[16..]);
        uuid::Uuid::from_u128(self.trace_id).simple().encode_lower(&mut text[3..35]);
        if self.sampled {
            text[54] = b'1';
        }
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("invalid"))
    }
}

fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == digits && text.bytes().all(lower)).then(|| u128::from_str_radix(text, 16).ok())?
}

/// The caller's id when it is a UUID, else a new one.
fn request_id(headers: &HeaderMap) -> u128 {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let given = given.and_then(|text| uuid::Uuid::try_parse(text).ok()).filter(|id| !id.is_nil());
    given.map_or_else(
        || uuid::Builder::from_random_bytes(unique().to_be_bytes()).into_uuid().as_u128(),
        |id| id.as_u128(),
    )
}

/// The caller's trace with a span of our own, else a new trace.
fn trace(headers: &HeaderMap) -> Trace {
    let parent = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(Trace::parse);
    let fresh = unique();
    let span_id = u64::try_from(fresh >> 64).unwrap_or_default().max(1);
    match parent {
        Some(parent) => Trace { span_id, ..parent },
        None => Trace { trace_id: unique().max(1), span_id, sampled: false },
    }
}

/// A unique number: a counter under a keyed hash. Ids must be unique, not secret, and this costs no system call.
fn unique() -> u128 {
    static KEY: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let [high, low] = [KEY[0].hash_one((count, 0_u8)), KEY[1].hash_one((count, 1_u8))];
    (u128::from(high) << 64) | u128::from(low)
}

/// The client's address: the peer's, or the one that trusted proxies report in `X-Forwarded-For`.
#[must_use]
pub fn client(headers: &HeaderMap, peer: Option<Peer>, trusted: &[Network]) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
    if trusted.is_empty() { peer } else { client_behind(peer, headers, trusted) }
}

/// Walks `X-Forwarded-For` from the right: each trusted hop vouches for the address left of it.
fn client_behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    let mut client = peer;
    for hop in hops {
        if !is_trusted(client) {
            break;
        }
        // The entry left of a trusted proxy is unreadable, so the proxy's own address is the last one known.
        let Some(address) = hop_address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// An address as proxies write it: bare, with a port, or an IPv6 address in brackets.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bracketed =
        || text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|ip| ip.parse().ok());
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

    #[test]
    fn reads_traceparents() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parsed = Trace::parse(good).unwrap();
        assert_eq!(parsed.header(), good);
        let newer = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more";
        assert!(Trace::parse(newer).is_some_and(|trace| !trace.sampled), "later versions may append fields");
        for bad in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        ] {
            assert_eq!(Trace::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_callers_trace_is_continued_with_a_new_span() {
        let mut headers = HeaderMap::new();
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        headers.insert("traceparent", HeaderValue::from_static(parent));
        headers.insert("x-request-id", HeaderValue::from_static("0190d7a2-1111-7222-8333-444455556666"));
        let context = RequestContext::of(&headers, NOBODY);
        assert_eq!(context.trace.trace_id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_ne!(context.trace.span_id, 0x00f0_67aa_0ba9_02b7);
        assert!(context.trace.sampled);
        assert_eq!(context.request_id_header(), "0190d7a2-1111-7222-8333-444455556666");
    }

    #[test]
    fn missing_or_invalid_ids_are_replaced() {
        let mut headers = HeaderMap::new();
        let first = RequestContext::of(&headers, NOBODY);
        headers.insert("x-request-id", HeaderValue::from_static("'; DROP TABLE requests; --"));
        let second = RequestContext::of(&headers, NOBODY);
        assert_ne!(first.request_id, second.request_id);
        assert_ne!(first.trace.trace_id, second.trace.trace_id);
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let proxies = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"].map(|text| text.parse::<Network>().unwrap());
        for (peer, lines, expected, why) in [
            ("203.0.113.9", &["1.1.1.1"][..], "203.0.113.9", "an untrusted peer is not believed"),
            ("10.0.0.1", &[][..], "10.0.0.1", "no header"),
            ("10.0.0.1", &["198.51.100.7"][..], "198.51.100.7", "one hop"),
            (
                "10.0.0.1",
                &["6.6.6.6, 198.51.100.7"][..],
                "198.51.100.7",
                "an address that the client forged is further left",
            ),
            ("10.0.0.1", &["198.51.100.7, 10.2.3.4, 192.0.2.1"][..], "198.51.100.7", "a chain of proxies"),
            ("10.0.0.1", &["198.51.100.7", "10.2.3.4"][..], "198.51.100.7", "two header lines"),
            ("10.0.0.1", &["198.51.100.7:4711"][..], "198.51.100.7", "with a port"),
            ("10.0.0.1", &["[2001:db8::1]:4711"][..], "2001:db8::1", "IPv6 with a port"),
            ("10.0.0.1", &["[2001:db8::1]"][..], "2001:db8::1", "IPv6 in brackets"),
            ("10.0.0.1", &["198.51.100.7, unknown"][..], "10.0.0.1", "unreadable"),
            ("10.0.0.1", &[""][..], "10.0.0.1", "empty"),
            ("::ffff:10.0.0.1", &["198.51.100.7"][..], "198.51.100.7", "an IPv4 peer on an IPv6 socket"),
            ("10.0.0.1", &["10.0.0.2, 10.0.0.3"][..], "10.0.0.2", "a client inside the trusted network"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            let peer = Peer(SocketAddr::new(peer.parse().unwrap(), 1));
            let client = client(&headers, Some(peer), &proxies);
            assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{why}");
        }
    }

    #[test]
    fn parses_networks() {
        assert!("10.0.0.0/8".parse::<Network>().is_ok());
        assert!("::1".parse::<Network>().is_ok());
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("localhost".parse::<Network>().is_err());
    }
}
