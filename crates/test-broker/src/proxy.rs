//! A proxy in front of the mock cluster. It adds what the cluster lacks: TLS, passwords, and answers that get lost.

use crate::frames::{self, Header};
use crate::sign_in::{Reply, SignIn, Users};
use parking_lot::Mutex;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the proxy adds to the broker.
#[derive(Clone, Debug, Default)]
pub struct ProxyOptions {
    /// Encrypts connections with a certificate for `localhost`.
    pub tls: bool,
    /// Lets only this user in.
    pub users: Option<Users>,
}

/// A proxy in front of a broker. It ends when it is dropped.
#[derive(Debug)]
pub struct BrokerProxy {
    port: u16,
    certificate: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    broker: String,
    broker_port: u16,
    port: u16,
    users: Option<Users>,
    /// Acknowledgements that are still to be lost.
    lose: AtomicUsize,
    lost: AtomicUsize,
}

#[expect(clippy::missing_panics_doc, reason = "tests panic when their broker fails")]
#[expect(clippy::expect_used, reason = "tests panic when their broker fails")]
impl BrokerProxy {
    /// A proxy in front of the broker at this address.
    pub async fn start(broker: &str, options: ProxyOptions) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate can be made");
        let acceptor = options.tls.then(|| {
            let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("it is a key");
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("ring has them")
                .with_no_client_auth();
            let config = config.with_single_cert(vec![cert.der().clone()], key).expect("the key fits");
            TlsAcceptor::from(Arc::new(config))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let (_, broker_port) = broker.rsplit_once(':').expect("host:port");
        let shared = Arc::new(Shared {
            broker: broker.to_owned(),
            broker_port: broker_port.parse().expect("a port"),
            port,
            users: options.users,
            lose: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
        });
        let task = tokio::spawn(accept(listener, acceptor, shared.clone()));
        Self { port, certificate: cert.pem(), shared, task }
    }

    /// Its address, as `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The certificate with which it encrypts, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Loses the next acknowledgements: what they are about is stored, and the connection is closed.
    pub fn lose_acknowledgements(&self, count: usize) {
        self.shared.lose.store(count, Ordering::SeqCst);
    }

    /// How many acknowledgements were lost.
    #[must_use]
    pub fn lost_acknowledgements(&self) -> usize {
        self.shared.lost.load(Ordering::SeqCst)
    }
}

impl Drop for BrokerProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), shared.clone());
        // A connection that fails is closed; the client sees that.
        drop(tokio::spawn(async move {
            match acceptor {
                None => serve(client, &shared).await,
                Some(acceptor) => serve(acceptor.accept(client).await?, &shared).await,
            }
        }));
    }
}

async fn serve(client: impl AsyncRead + AsyncWrite + Send, shared: &Shared) -> io::Result<()> {
    let broker = TcpStream::connect(&shared.broker).await?;
    let (mut from_client, mut to_client) = split(client);
    let (mut from_broker, mut to_broker) = split(broker);
    if let Some(users) = &shared.users {
        let broker = (&mut from_broker, &mut to_broker);
        sign_in(&mut from_client, &mut to_client, broker, users).await?;
    }
    let under_way: Mutex<HashMap<i32, i16>> = Mutex::default();
    let requests = async {
        loop {
            let request = frames::read(&mut from_client).await?;
            let header = Header::of(&request).ok_or_else(|| io::Error::other("no request"))?;
            under_way.lock().insert(header.correlation, header.api);
            frames::write(&mut to_broker, &request).await?;
        }
    };
    let answers = async {
        loop {
            let mut answer = frames::read(&mut from_broker).await?;
            let api = frames::correlation(&answer).and_then(|id| under_way.lock().remove(&id));
            if api == Some(frames::PRODUCE) && shared.loses() {
                return Err(io::Error::other("the answer is lost"));
            }
            if api == Some(frames::METADATA) {
                frames::replace_port(&mut answer, shared.broker_port, shared.port);
            }
            frames::write(&mut to_client, &answer).await?;
        }
    };
    tokio::select! {
        ended = requests => ended,
        ended = answers => ended,
    }
}

impl Shared {
    fn loses(&self) -> bool {
        let fewer = self.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        fewer.is_ok_and(|_| {
            self.lost.fetch_add(1, Ordering::SeqCst);
            true
        })
    }
}

/// Lets the client sign in. Before that it may only ask for the API versions, as with a real broker.
async fn sign_in(
    from_client: &mut (impl AsyncRead + Unpin),
    to_client: &mut (impl AsyncWrite + Unpin),
    (from_broker, to_broker): (&mut (impl AsyncRead + Unpin), &mut (impl AsyncWrite + Unpin)),
    users: &Users,
) -> io::Result<()> {
    let refused = || io::Error::other("not signed in");
    let mut session = None;
    loop {
        let request = frames::read(from_client).await?;
        let header = Header::of(&request).ok_or_else(refused)?;
        let mut answer = header.correlation.to_be_bytes().to_vec();
        match header.api {
            frames::API_VERSIONS => {
                frames::write(to_broker, &request).await?;
                answer = frames::read(from_broker).await?;
                frames::add_sign_in_versions(&mut answer);
            }
            frames::SASL_HANDSHAKE => {
                session = SignIn::begin(header.first_field(&request, 2).ok_or_else(refused)?);
                let error: i16 = if session.is_some() { 0 } else { 33 };
                answer.extend(error.to_be_bytes());
                answer.extend(2_i32.to_be_bytes());
                for mechanism in SignIn::MECHANISMS {
                    answer.extend(i16::try_from(mechanism.len()).unwrap_or_default().to_be_bytes());
                    answer.extend(mechanism.as_bytes());
                }
            }
            frames::SASL_AUTHENTICATE => {
                let message = header.first_field(&request, 4).ok_or_else(refused)?;
                let reply = session.as_mut().ok_or_else(refused)?.step(message, users);
                let (error, bytes, is_done) = match reply {
                    Reply::More(bytes) => (0_i16, bytes, false),
                    Reply::SignedIn(bytes) => (0, bytes, true),
                    Reply::Refused => (58, Vec::new(), false),
                };
                answer.extend(error.to_be_bytes());
                answer.extend((-1_i16).to_be_bytes());
                answer.extend(i32::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
                answer.extend(bytes);
                if header.version >= 1 {
                    answer.extend(0_i64.to_be_bytes());
                }
                frames::write(to_client, &answer).await?;
                if is_done {
                    return Ok(());
                }
                continue;
            }
            _ => return Err(refused()),
        }
        frames::write(to_client, &answer).await?;
    }
}
